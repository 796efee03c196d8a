/* What a tick brings: one question at a time, and its answer put in place, so that nothing under a reader's hands is
   made anew. */
(function () {
  "use strict";
  // A question that has not been answered for so long is asked again.
  const PATIENCE_MS = 20000;
  // What only the browser knows of a thing: a tick leaves it as it is.
  const OWN = ["n_clicks", "n_clicks_timestamp", "value"];

  function ticks(payload) {
    const changed = (payload && payload.changedPropIds) || [];
    return changed.length > 0 && changed.every(function (one) { return one.endsWith(".n_intervals"); });
  }

  // Dash forgets a question once it asks the next: where an answer takes longer than a tick, no page would ever change.
  // So a tick whose question is still on its way waits for that one's answer.
  const underWay = new Map();
  const fetchOnce = window.fetch;
  window.fetch = function (resource, options) {
    const asked = options && typeof options.body === "string" && String(resource).includes("/_dash-update-component");
    const payload = asked ? JSON.parse(options.body) : null;
    if (!ticks(payload)) {
      return fetchOnce.apply(this, arguments);
    }
    const others = payload.inputs.filter(function (one) { return one.property !== "n_intervals"; });
    const question = JSON.stringify([payload.output, others, payload.state]);
    const before = underWay.get(question);
    const same = before && Date.now() - before.since < PATIENCE_MS;
    const mine = same ? before : { since: Date.now(), answer: fetchOnce.apply(this, arguments) };
    if (!same) {
      const done = function () {
        if (underWay.get(question) === mine) {
          underWay.delete(question);
        }
      };
      underWay.set(question, mine);
      mine.answer.then(done, done);
    }
    // Where nobody answers, or only what stands before the server (502 to 504), the page says so itself (browser.js), and
    // the next tick asks again.
    const nothing = function () { return new Response(null, { status: 204 }); };
    return mine.answer.then(
      function (response) { return response.status > 501 && response.status < 505 ? nothing() : response.clone(); }, nothing
    );
  };

  function isComponent(one) {
    return Boolean(one && typeof one === "object" && one.namespace && one.type && one.props);
  }

  function alike(one, other) {
    return isComponent(one) && isComponent(other) && one.namespace === other.namespace && one.type === other.type &&
      equal(one.props.id, other.props.id);
  }

  function equal(one, other) {
    if (one === other) {
      return true;
    }
    if (!one || !other || typeof one !== "object" || typeof other !== "object" || Array.isArray(one) !== Array.isArray(other)) {
      return false;
    }
    const names = Object.keys(one);
    return names.length === Object.keys(other).length &&
      names.every(function (name) { return name in other && equal(one[name], other[name]); });
  }

  function named(value) {
    if (!value || typeof value !== "object") {
      return false;
    }
    return (isComponent(value) && value.props.id !== undefined) || Object.values(value).some(named);
  }

  // Collects in `found` what of a component at `path` differs, as [path, props]; false where callbacks may hang on it.
  function differences(path, old, fresh, found) {
    const set = {};
    const names = Object.keys(Object.assign({}, old.props, fresh.props)).filter(function (name) {
      return !OWN.includes(name) && !equal(old.props[name], fresh.props[name]);
    });
    const well = names.every(function (name) {
      const [before, after] = [old.props[name], fresh.props[name]];
      const within = inside(path.concat("props", name), before, after, found);
      if (within !== null) {
        return within;
      }
      set[name] = after;
      return fresh.props.id === undefined && !named(before) && !named(after);
    });
    if (Object.keys(set).length) {
      found.push([path, set]);
    }
    return well;
  }

  // The same for what a property holds; null where it is other components, or none.
  function inside(path, before, after, found) {
    if (alike(before, after)) {
      return differences(path, before, after, found);
    }
    const same = Array.isArray(before) && Array.isArray(after) && before.length === after.length &&
      after.every(function (one, at) { return alike(before[at], one) || equal(before[at], one); });
    return same ? after.every(function (one, at) {
      return equal(before[at], one) || differences(path.concat(at), before[at], one, found);
    }) : null;
  }

  // Changes what stands in a place to `children`, each thing where it is; false where Dash has to draw it anew.
  function putInPlace(id, children) {
    const store = window.dash_stores && window.dash_stores[0];
    const path = store && store.getState().paths.strs[id];
    const old = path && window.dash_component_api.getLayout(path);
    const found = [];
    if (!old || inside(path.concat("props", "children"), old.props.children, children, found) !== true) {
      return false;
    }
    found.forEach(function (one) { window.dash_clientside.set_props(one[0], one[1]); });
    return true;
  }

  // Whether the page asks about something else by now (another shop): what it asked with, but for what answers change.
  function past(payload) {
    const changed = new Set([].concat(payload.outputs).map(function (one) { return one.id + "." + one.property; }));
    return payload.inputs.concat(payload.state || []).some(function (one) {
      const there = typeof one.id === "string" && window.dash_component_api.getLayout(one.id);
      return there && one.property !== "n_intervals" && !changed.has(one.id + "." + one.property) &&
        !equal(there.props[one.property], one.value);
    });
  }

  const latest = new Map();
  window.footfallTicks = {
    asked: function (payload) {
      latest.set(payload.output, payload);
    },
    answered: function (payload, response) {
      // Dash takes no notice of the answer to a question that it has asked again since.
      if (!ticks(payload) || latest.get(payload.output) !== payload) {
        return;
      }
      const other = past(payload);
      Object.keys(response || {}).forEach(function (id) {
        if (other) {
          delete response[id];
          return;
        }
        const props = response[id];
        if (props && props.children !== undefined && putInPlace(id, props.children)) {
          delete props.children;
        }
      });
    }
  };
})();

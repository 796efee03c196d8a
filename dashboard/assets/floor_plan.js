/* Placing zones, lines and cameras on a floor plan: shapes with corners that are dragged, or moved by arrow keys.
   The server writes what there is into data-plan; what was moved goes into the Store "plan-draft". */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const KINDS = { zones: "zone", lines: "line", cameras: "camera" };

  function made(parent, name, attributes, text) {
    const node = document.createElementNS(SVG, name);
    Object.entries(attributes || {}).forEach(function (one) { node.setAttribute(one[0], one[1]); });
    if (text !== undefined) { node.textContent = text; }
    parent.appendChild(node);
    return node;
  }

  function html(parent, name, className, text) {
    const node = document.createElement(name);
    node.className = className || "";
    if (text !== undefined) { node.textContent = text; }
    parent.appendChild(node);
    return node;
  }

  const SQUARE = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]];
  const FRESH = {
    zones: function () { return JSON.parse(JSON.stringify(SQUARE)); },
    lines: function () { return [[0.45, 0.9], [0.55, 0.9]]; },
    cameras: function () {
      return { picture: [[0.25, 0.35], [0.75, 0.35], [0.9, 0.9], [0.1, 0.9]], plan: JSON.parse(JSON.stringify(SQUARE)) };
    }
  };

  // What was not saved and what was chosen outlive that the page draws its part anew.
  let left = null;
  let choice = null;
  document.addEventListener("click", function (event) {
    if (event.target.id && event.target.id.indexOf('"plan":"save"') >= 0) { left = null; }
  }, true);
  function here(kept) { return kept && kept.path === window.location.pathname ? kept.what : null; }

  function Editor(root) {
    const told = JSON.parse(root.dataset.plan);
    const words = told.words;
    const placed = Object.assign({ zones: {}, lines: {}, cameras: {} }, here(left) || told.placed);
    const before = here(choice);
    let chosen = before && before.name in placed[before.kind] ? before : null;

    root.replaceChildren();
    const list = html(root, "div", "plan-things");
    const how = html(root, "p", "advice plan-how");
    const panes = html(root, "div", "plan-panes");
    const plan = pane("plan", told.width / told.height, told.image);
    const camera = pane("picture", 16 / 9, null);
    const unsaved = html(root, "p", "advice plan-unsaved");
    draw();

    function pane(name, ratio, image) {
      const holder = html(panes, "div", "plan-pane plan-pane-" + name);
      const svg = made(holder, "svg", { viewBox: "0 0 1000 " + Math.round(1000 / ratio), class: "plan-sheet" });
      return { holder: holder, svg: svg, ratio: ratio, image: image };
    }

    function changed() {
      left = { path: window.location.pathname, what: placed };
      unsaved.textContent = words.unsaved;
      window.dash_clientside.set_props("plan-draft", { data: JSON.parse(JSON.stringify(placed)) });
    }

    function buttons() {
      list.replaceChildren();
      Object.keys(KINDS).forEach(function (kind) {
        (told[kind] || []).forEach(function (name) {
          const there = name in placed[kind];
          const on = chosen && chosen.kind === kind && chosen.name === name;
          const button = html(list, "button", "quiet" + (on ? " on" : ""), words[KINDS[kind]] + " " + called(kind, name) + (there ? " ✓" : ""));
          button.type = "button";
          button.dataset.place = kind + "/" + name;
          button.setAttribute("aria-pressed", on ? "true" : "false");
          button.addEventListener("click", function () {
            if (!there) { placed[kind][name] = FRESH[kind](); changed(); }
            chosen = { kind: kind, name: name };
            choice = { path: window.location.pathname, what: chosen };
            draw();
          });
        });
      });
      if (chosen) {
        const off = html(list, "button", "quiet plan-off", words.take_off);
        off.type = "button";
        off.addEventListener("click", function () {
          delete placed[chosen.kind][chosen.name];
          chosen = null;
          changed();
          draw();
        });
      }
    }

    function draw(focus) {
      buttons();
      how.textContent = chosen ? words[KINDS[chosen.kind] + "_how"] : words.choose;
      sheet(plan);
      Object.keys(placed.zones).forEach(function (name) { shape(plan, "polygon", placed.zones[name], name, "zones"); });
      Object.keys(placed.lines).forEach(function (name) { shape(plan, "polyline", placed.lines[name], name, "lines"); });
      Object.keys(placed.cameras).forEach(function (name) {
        shape(plan, "polygon", placed.cameras[name].plan, name, "cameras");
      });
      camera.holder.hidden = !(chosen && chosen.kind === "cameras");
      if (chosen && chosen.kind === "cameras") {
        const both = placed.cameras[chosen.name];
        const seen = document.querySelector('figure.background[data-of="' + chosen.name.split("@")[0] + '"] img');
        camera.image = seen ? seen.src : null;
        if (seen && seen.naturalWidth) {
          camera.ratio = seen.naturalWidth / seen.naturalHeight;
          camera.svg.setAttribute("viewBox", "0 0 1000 " + Math.round(1000 / camera.ratio));
        }
        sheet(camera);
        if (!seen) { made(camera.svg, "text", { x: 12 * size(camera), y: 22 * size(camera), "font-size": 13 * size(camera), class: "plan-hint" }, words.no_picture); }
        shape(camera, "polygon", both.picture, chosen.name, "cameras");
        corners(camera, both.picture, chosen.name, true);
        corners(plan, both.plan, chosen.name, true);
      } else if (chosen) {
        corners(plan, placed[chosen.kind][chosen.name], chosen.name, false);
        if (chosen.kind === "zones") { between(placed.zones[chosen.name]); }
      }
      if (focus) {
        const next = root.querySelector('[data-corner="' + focus + '"]');
        if (next) { next.focus(); }
      }
    }

    function sheet(on) {
      on.svg.replaceChildren();
      const high = 1000 / on.ratio;
      made(on.svg, "rect", { x: 0, y: 0, width: 1000, height: high, class: on.image ? "plan-paper" : "plan-blank" });
      if (on.image) {
        made(on.svg, "image", { href: on.image, x: 0, y: 0, width: 1000, height: high, preserveAspectRatio: "none" });
      } else if (on === plan) {
        const metre = 1000 / told.width * (Math.max(told.width, told.height) > 60 ? 10 : 1);
        for (let x = metre; x < 1000; x += metre) { made(on.svg, "line", { x1: x, x2: x, y1: 0, y2: high, class: "plan-mesh" }); }
        for (let y = metre; y < high; y += metre) { made(on.svg, "line", { x1: 0, x2: 1000, y1: y, y2: y, class: "plan-mesh" }); }
      }
    }

    function at(on, point) { return [point[0] * 1000, point[1] * 1000 / on.ratio]; }

    function called(kind, name) { return (told.called || {})[KINDS[kind] + "/" + name] || name; }

    function shape(on, name, points, label, kind) {
      const mine = chosen && chosen.kind === kind && chosen.name === label;
      const text = points.map(function (point) { return at(on, point).join(","); }).join(" ");
      made(on.svg, name, { points: text, class: "plan-shape plan-" + kind + (mine ? " on" : "") });
      const first = at(on, points[0]);
      made(on.svg, "text", { x: first[0] + 6 * size(on), y: first[1] + 16 * size(on), "font-size": 13 * size(on),
        "stroke-width": 4 * size(on), class: "plan-label" }, called(kind, label));
    }

    function size(on) { return 1000 / (on.svg.clientWidth || 500); }

    function corners(on, points, name, numbered) {
      points.forEach(function (point, index) {
        const where = at(on, point);
        const which = (on === camera ? "picture-" : "plan-") + index;
        const group = made(on.svg, "g", { class: "plan-corner", tabindex: 0, role: "button", "data-corner": which,
          "aria-label": words.corner.replace("{n}", index + 1).replace("{name}", name) });
        made(group, "circle", { cx: where[0], cy: where[1], r: 16 * size(on), class: "plan-grip" });
        made(group, "circle", { cx: where[0], cy: where[1], r: 7 * size(on), class: "plan-dot" });
        if (numbered) { made(group, "text", { x: where[0], y: where[1] + 4 * size(on), "font-size": 11 * size(on), class: "plan-number" }, index + 1); }
        drag(group, on, points, index);
        group.addEventListener("keydown", function (event) {
          const step = { ArrowLeft: [-0.005, 0], ArrowRight: [0.005, 0], ArrowUp: [0, -0.005], ArrowDown: [0, 0.005] }[event.key];
          if (step) {
            event.preventDefault();
            move(points, index, points[index][0] + step[0], points[index][1] + step[1]);
            draw(which);
          } else if (event.key === "Delete" && chosen.kind === "zones" && points.length > 3) {
            points.splice(index, 1);
            changed();
            draw("plan-" + Math.min(index, points.length - 1));
          }
        });
      });
    }

    function between(points) {
      points.forEach(function (point, index) {
        const next = points[(index + 1) % points.length];
        const half = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
        const where = at(plan, half);
        const dot = made(plan.svg, "circle", { cx: where[0], cy: where[1], r: 5 * size(plan), class: "plan-between" });
        dot.addEventListener("pointerdown", function (event) {
          if (points.length >= 24) { return; }
          points.splice(index + 1, 0, half);
          changed();
          draw();
          const fresh = plan.svg.querySelector('[data-corner="plan-' + (index + 1) + '"]');
          fresh.dispatchEvent(new PointerEvent("pointerdown", event));
        });
      });
    }

    function move(points, index, x, y) {
      points[index] = [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
      changed();
    }

    // Moved by the window's events: the corner itself is drawn anew while it moves.
    function drag(group, on, points, index) {
      group.addEventListener("pointerdown", function (event) {
        event.preventDefault();
        function follow(moved) {
          const box = on.svg.getBoundingClientRect();
          move(points, index, (moved.clientX - box.left) / box.width, (moved.clientY - box.top) / box.height);
          draw();
        }
        function end() {
          window.removeEventListener("pointermove", follow);
          window.removeEventListener("pointerup", end);
          window.removeEventListener("pointercancel", end);
          draw((on === camera ? "picture-" : "plan-") + index);
        }
        window.addEventListener("pointermove", follow);
        window.addEventListener("pointerup", end);
        window.addEventListener("pointercancel", end);
      });
    }
  }

  function look() {
    const root = document.getElementById("plan-editor");
    if (root && root.drawnFrom !== root.dataset.plan) {
      root.drawnFrom = root.dataset.plan;
      if (!here(left)) { window.dash_clientside.set_props("plan-draft", { data: null }); }
      Editor(root);
    }
  }
  new MutationObserver(look).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-plan"]
  });
})();

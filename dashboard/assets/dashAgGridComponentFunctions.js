/* Cells of the stores table. Texts come from the server in the reader's language; colours from the stylesheet. */
(function () {
  "use strict";
  const h = window.React.createElement;
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  function go(href) {
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  functions.openStore = function (params) {
    if (params.data && params.data.href && !params.event.defaultPrevented) {
      go(params.data.href);
    }
  };

  // Whoever walks through the cells with a keyboard opens a row as whoever clicks it.
  functions.openStoreByKey = function (params) {
    if (params.event.key === "Enter") {
      functions.openStore(params);
    }
  };

  // How a reader sorted a table stands in the address, unless it is as the table begins.
  functions.sortIntoAddress = function (params) {
    const by = params.api.getColumnState().find(function (column) { return column.sort; });
    const sort = by ? by.colId + "." + by.sort : "";
    window.footfallAddress.put({ sort: sort === params.api.getGridOption("context").sort ? "" : sort });
  };

  // Whether a table is wider than `px`, where that has changed since it was asked: to show columns that are there is work,
  // and tells of columns anew.
  function turnedWide(id, px) {
    const grid = document.getElementById(id);
    const wide = grid && grid.clientWidth >= px;
    if (!grid || grid.dataset.wide === String(wide)) {
      return null;
    }
    grid.dataset.wide = String(wide);
    return wide;
  }

  // A phone has room for who came and how many bought; the first column stays beside the others, which scroll.
  functions.fitColumns = function (params) {
    const wide = turnedWide("stores-grid", 700);
    if (wide !== null) {
      params.api.setColumnsVisible(["region", "capture", "conversion"], wide);
      params.api.setColumnsVisible(["bought"], !wide);
    }
  };

  // A phone keeps the box and its state; what else there is stands in those two.
  functions.fitDevices = function (params) {
    const wide = turnedWide("devices-grid", 900);
    if (wide !== null) {
      params.api.setColumnsVisible(["cameras", "queue", "heard", "version", "model", "standing", "set_up"], wide);
    }
  };

  cells.BoxCell = function (props) {
    return h("span", { className: "cell-box" }, h("b", null, props.data.store), h("span", null, props.data.device));
  };

  cells.StateCell = function (props) {
    return h("span", { className: "cell-state" },
      h("span", { className: "signal " + props.data.signal }, h("i"), h("span", null, props.data.signal_text)),
      props.data.needs_text ? h("span", { className: "cell-needs" }, props.data.needs_text) : null);
  };

  cells.StoreCell = function (props) {
    return h("a", {
      className: "cell-store",
      href: props.data.href,
      onClick: function (event) {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) {
          event.stopPropagation();
          return;
        }
        event.preventDefault();
        event.stopPropagation();
        go(props.data.href);
      }
    }, props.value);
  };

  // A number with its change; the fields of the change are named after the column's.
  cells.ChangeCell = function (props) {
    const field = props.colDef.field;
    const change = props.data[field + "_change"];
    const direction = change === null ? "" : change > 0.0005 ? "▲" : change < -0.0005 ? "▼" : "";
    const estimated = props.data[field + "_estimated_text"];
    return h("span", { className: "cell-visitors" },
      h("span", { className: "cell-stack" }, h("span", null, props.data[field + "_text"]),
        estimated ? h("span", { className: "hatched" }, estimated) : null),
      h("span", { className: "cell-change" }, direction,
        h("span", null, props.data[field + "_change_text"].replace(/^[+−±]/, ""))));
  };

  cells.PlaceCell = function (props) {
    return h("span", { className: "cell-place" },
      h("span", null, props.data.place_text),
      props.data.outlier_text ? h("span", { className: "cell-outlier" }, props.data.outlier_text) : null);
  };

  cells.TargetCell = function (props) {
    return h("span", { className: "cell-target" },
      h("span", null, props.data.target_text),
      props.data.target_month_text ? h("span", { className: "cell-month" }, props.data.target_month_text) : null);
  };

  cells.IntervalCell = function (props) {
    const row = props.data;
    if (row.conversion === null) {
      return h("span", { className: "cell-interval" }, row.conversion_text);
    }
    const place = function (share) { return Math.min(100, 100 * share / row.scale); };
    const low = row.conversion_low === null ? row.conversion : row.conversion_low;
    const high = row.conversion_high === null ? row.conversion : row.conversion_high;
    return h("span", { className: "cell-interval" },
      h("span", { className: "interval", "aria-hidden": "true" },
        h("span", { className: "interval-range", style: { left: place(low) + "%", width: place(high) - place(low) + "%" } }),
        h("span", { className: "interval-dot", style: { left: place(row.conversion) + "%" } })),
      h("span", null, row.conversion_text));
  };

  cells.TrustCell = function (props) {
    if (props.data.trust === null) {
      return h("span", null, props.data.trust_text);
    }
    return h("span", { className: "cell-trust" },
      h("i", { className: props.data.trust_whole ? "full" : "half" }), props.data.trust_text);
  };

  cells.SparkCell = function (props) {
    const weeks = props.value || [];
    const top = Math.max.apply(null, weeks.map(function (week) { return week || 0; }));
    if (!(top > 0)) {
      return h("span", null, "–");
    }
    const width = 104, height = 26, step = width / weeks.length;
    return h("svg", { viewBox: "0 0 " + width + " " + height, preserveAspectRatio: "none", className: "spark", role: "img", "aria-label": props.data.weeks_text },
      weeks.map(function (week, index) {
        const tall = week === null ? 0 : Math.max(1, height * week / top);
        return h("rect", {
          key: index,
          x: index * step + 1,
          y: height - tall,
          width: step - 2,
          height: tall,
          rx: 1,
          className: index === weeks.length - 1 ? "spark-last" : ""
        });
      }));
  };
})();

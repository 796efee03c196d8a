/* What the browser does itself: colours, the page's language and title, and noticing that the server is away. */
(function () {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function resolved(choice) {
    return choice === "dark" || choice === "light" ? choice : dark.matches ? "dark" : "light";
  }

  function stored() {
    try {
      return JSON.parse(window.localStorage.getItem("scheme-choice"));
    } catch (_error) {
      return null;
    }
  }

  function paint(choice) {
    const root = document.documentElement;
    root.dataset.scheme = resolved(choice);
    root.dataset.choice = choice || "auto";
    root.dataset.mantineColorScheme = root.dataset.scheme;
    // The server draws the first chart: told here, it need not draw it twice.
    document.cookie = "footfall-scheme=" + root.dataset.scheme + "; path=/; max-age=31536000; samesite=lax";
  }

  // Before the first paint, so that a dark room stays dark.
  paint(stored());
  dark.addEventListener("change", function () {
    window.dash_clientside.set_props("scheme-system", { data: dark.matches });
  });

  // Days whose names Mantine's date picker takes from Day.js.
  window["dayjs_locale_zh-cn"] = {
    name: "zh-cn",
    weekdays: "星期日_星期一_星期二_星期三_星期四_星期五_星期六".split("_"),
    weekdaysShort: "周日_周一_周二_周三_周四_周五_周六".split("_"),
    weekdaysMin: "日_一_二_三_四_五_六".split("_"),
    months: "一月_二月_三月_四月_五月_六月_七月_八月_九月_十月_十一月_十二月".split("_"),
    monthsShort: "1月_2月_3月_4月_5月_6月_7月_8月_9月_10月_11月_12月".split("_"),
    weekStart: 1,
    formats: { L: "YYYY/MM/DD", LL: "YYYY年M月D日" },
    ordinal: function (n) { return n + "日"; }
  };

  // A link for the first time brings name and one-time password behind the #, where no server sees them.
  document.addEventListener("DOMContentLoaded", function () {
    const given = new URLSearchParams(window.location.hash.slice(1));
    const login = document.querySelector("form [name=login]");
    const password = document.querySelector("form [name=password]");
    if (login && password && given.get("once")) {
      login.value = given.get("login") || "";
      password.value = given.get("once");
      window.history.replaceState(null, "", window.location.pathname + window.location.search);
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    footfall: {
      colours: function (choice) {
        paint(choice);
        return [resolved(choice), resolved(choice)];
      },
      nextChoice: function (clicks, choice) {
        if (!clicks) {
          return window.dash_clientside.no_update;
        }
        return { auto: "light", light: "dark", dark: "auto" }[choice] || "light";
      },
      // A code for a new store, until somebody writes one: letters without their accents, the rest as dashes.
      proposeCode: function (name, code, proposed) {
        if (code && code !== proposed) {
          return [window.dash_clientside.no_update, window.dash_clientside.no_update];
        }
        const slug = (name || "").normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
          .replace(/ß/g, "ss").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40).replace(/-+$/, "");
        return [slug, slug];
      },
      // Which of an account's bounds its role has.
      bounds: function (role) {
        return ["manager", "region"].map(function (bounded) { return { display: role === bounded ? "" : "none" }; });
      },
      // What stands in the address of the fields that `kept` names: one that holds its default does not.
      intoAddress: function () {
        const kept = arguments[arguments.length - 1];
        const said = {};
        for (let n = 0; n < kept.length; n++) {
          said[kept[n][0]] = arguments[n] === kept[n][2] ? "" : arguments[n];
        }
        window.footfallAddress.put(said);
        return window.dash_clientside.no_update;
      },
      print: function (clicks) {
        if (clicks) {
          window.print();
        }
        return window.dash_clientside.no_update;
      },
      fullScreen: function (clicks) {
        if (clicks) {
          document.documentElement.requestFullscreen().catch(function () {});
        }
        return window.dash_clientside.no_update;
      },
      tag: function (page) {
        document.documentElement.lang = page.lang;
        document.title = page.title;
        return window.dash_clientside.no_update;
      }
    }
  });

  // The address keeps what a reader typed, chose and sorted: in the same line of the history, as it is the same page.
  let writing = false;
  let page = window.location.pathname;
  window.footfallAddress = {
    put: function (said) {
      const url = new URL(window.location);
      Object.keys(said).forEach(function (name) {
        if (said[name]) {
          url.searchParams.set(name, said[name]);
        } else {
          url.searchParams.delete(name);
        }
      });
      if (url.href !== window.location.href) {
        go(url, "replaceState");
      }
    }
  };

  function go(url, how) {
    window.history[how](window.history.state, "", url);
    writing = true;
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    writing = false;
  }

  // A way to another address of the same page, or back to one, fills its fields as that address says.
  function fill() {
    const same = page === window.location.pathname;
    page = window.location.pathname;
    if (writing || !same) {
      return;
    }
    const asked = new URLSearchParams(window.location.search);
    document.querySelectorAll("[data-address]").forEach(function (one) {
      JSON.parse(one.dataset.address).forEach(function (kept) {
        if (document.getElementById(kept[1])) {
          window.dash_clientside.set_props(kept[1], { value: asked.get(kept[0]) || kept[2] });
        }
      });
    });
    document.querySelectorAll(".table > .ag-theme-quartz[id], .table > [id$=-grid]").forEach(function (grid) {
      const api = window.dash_ag_grid && window.dash_ag_grid.getApi(grid.id);
      const sort = api && (asked.get("sort") || api.getGridOption("context").sort);
      if (sort) {
        const at = sort.lastIndexOf(".");
        api.applyColumnState({
          state: [{ colId: sort.slice(0, at), sort: sort.slice(at + 1) }], defaultState: { sort: null }
        });
      }
    });
  }
  window.addEventListener("popstate", fill);
  window.addEventListener("_dashprivate_pushstate", fill);

  // The page's links to its other languages were made before somebody typed or chose something.
  document.addEventListener("click", function (event) {
    const link = event.target.closest(".languages a");
    if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      event.stopPropagation();
      const url = new URL(window.location);
      url.searchParams.set("lang", new URL(link.href).searchParams.get("lang"));
      go(url, "pushState");
    }
  }, true);

  // A file is in the order of the page's table, which was sorted after the link to the file was drawn.
  function asSorted(event) {
    const link = event.target.closest("a.file-link");
    if (link) {
      const url = new URL(link.href);
      const sort = new URLSearchParams(window.location.search).get("sort");
      if (sort) {
        url.searchParams.set("sort", sort);
      } else {
        url.searchParams.delete("sort");
      }
      link.href = url.pathname + url.search;
    }
  }
  ["click", "auxclick", "contextmenu"].forEach(function (name) {
    document.addEventListener(name, asSorted, true);
  });

  // Over plain HTTP browsers give no clipboard: there the old way has to do, by a field that nobody sees.
  function copy(text) {
    if (navigator.clipboard) {
      return navigator.clipboard.writeText(text);
    }
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("nothing was copied"));
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("button.copy");
    if (button) {
      copy(button.dataset.copies).then(function () {
        button.dataset.copied = "yes";
        button.focus();
        window.setTimeout(function () { delete button.dataset.copied; }, 3000);
      }, function () {
        window.getSelection().selectAllChildren(button.previousElementSibling);
      });
    }
  });

  // A menu is shut by choosing, by a click elsewhere and by Escape, as everywhere else.
  const MENUS = "details.file-links[open], details.account[open]";
  document.addEventListener("click", function (event) {
    document.querySelectorAll(MENUS).forEach(function (menu) {
      if (!menu.contains(event.target) || event.target.closest("a")) {
        menu.open = false;
      }
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      document.querySelectorAll(MENUS).forEach(function (menu) {
        if (menu.contains(document.activeElement)) {
          menu.querySelector("summary").focus();
        }
        menu.open = false;
      });
    }
  });

  // What a form answers may stand above it: on a phone, below a long form, nobody would see it.
  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      const at = change.target.nodeType === 1 ? change.target : change.target.parentElement;
      const place = at && at.closest('[id$="-result"]');
      if (place && place.childElementCount && (change.type === "characterData" || change.addedNodes.length)) {
        place.scrollIntoView({ block: "nearest" });
      }
    });
  }).observe(document.documentElement, { childList: true, characterData: true, subtree: true });

  // Each answer of the server is a sign of life; the page ticks, so silence means that it is away.
  let answered = Date.now();
  const fetchOnce = window.fetch;
  window.fetch = function () {
    return fetchOnce.apply(this, arguments).then(function (response) {
      if (response.ok || response.status === 204) {
        answered = Date.now();
      } else if (response.status === 401) {
        // Signed out, here or elsewhere: the server sends to the sign-in page and back again.
        window.location.reload();
      }
      return response;
    });
  };
  document.addEventListener("visibilitychange", function () {
    answered = Date.now();
  });
  window.setInterval(function () {
    const lost = document.getElementById("lost");
    if (Date.now() - answered > 4000 && !document.hidden) {
      ask();
    }
    if (lost) {
      lost.hidden = document.hidden || Date.now() - answered < 8000;
    }
    if (onWall()) {
      keepAwake();
      gone = gone || Date.now() - answered > 8000;
      if (gone) {
        ask();
      }
    }
  }, 1000);

  // Nobody touches a wall screen: it keeps itself awake, and loads anew once the server is back, with what is new there.
  function onWall() {
    return window.location.pathname.startsWith("/wall/");
  }

  let awake = null;
  function keepAwake() {
    if (awake || document.hidden || !navigator.wakeLock) {
      return;
    }
    awake = navigator.wakeLock.request("screen").then(function (lock) {
      document.documentElement.dataset.awake = "yes";
      lock.addEventListener("release", function () {
        awake = null;
        delete document.documentElement.dataset.awake;
      });
    }, function () {
      awake = null;
    });
  }

  let gone = false;
  // Not every page asks each second: where it has been silent for a while, it asks whether somebody is there.
  let asking = false;
  function ask() {
    if (asking) {
      return;
    }
    asking = true;
    fetchOnce("/healthz", { cache: "no-store" }).then(function (response) {
      if (response.ok) {
        answered = Date.now();
        if (gone) {
          window.location.reload();
        }
      }
    }).catch(function () {}).finally(function () {
      asking = false;
    });
  }

  // The pointer and the two buttons show while somebody moves it.
  let resting = 0;
  function touched() {
    document.documentElement.dataset.touched = "yes";
    window.clearTimeout(resting);
    resting = window.setTimeout(function () { delete document.documentElement.dataset.touched; }, 4000);
  }
  document.addEventListener("pointermove", touched);
  document.addEventListener("pointerdown", touched);
})();

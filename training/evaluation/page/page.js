"use strict";
(() => {
  const root = document.documentElement;
  const charts = [...document.querySelectorAll("[data-chart]")];
  const specs = new Map(charts.map((chart) => [chart, JSON.parse(document.getElementById(chart.dataset.chart).textContent)]));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  function filled(value, style) {
    if (typeof value === "string") return value.startsWith("--") ? style.getPropertyValue(value).trim() : value;
    if (Array.isArray(value)) return value.map((one) => filled(one, style));
    if (value === null || typeof value !== "object") return value;
    if ("zh" in value && "en" in value) return escaped(value[root.dataset.language]);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, style)]));
  }

  function spec(chart) {
    const style = getComputedStyle(root);
    const { data, layout } = filled(specs.get(chart), style);
    const colour = (name) => style.getPropertyValue(name).trim();
    const common = {
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("--ink") },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hoverlabel: { bgcolor: colour("--paper"), bordercolor: colour("--line"), font: { color: colour("--ink") } },
    };
    return { data, layout: { ...common, ...layout } };
  }

  function draw() {
    for (const chart of charts) {
      const { data, layout } = spec(chart);
      Plotly.react(chart, data, layout, { displayModeBar: false, responsive: true, showTips: false });
    }
  }

  function choose(language) {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    for (const button of document.querySelectorAll("[data-choose]")) {
      button.setAttribute("aria-pressed", String(button.dataset.choose === language));
    }
    draw();
  }

  for (const button of document.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => choose(button.dataset.choose));
  }
  dark.addEventListener("change", draw);
  addEventListener("beforeprint", () => { root.dataset.paper = "yes"; draw(); });
  addEventListener("afterprint", () => { delete root.dataset.paper; draw(); });
  draw();
})();

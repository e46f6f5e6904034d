// Draws the pictures of pages by ECharts, from the data that stands in the page. Tooltips are drawn, not written as HTML: a strict
// content policy forbids styles in markup.
"use strict";

(() => {
  const COLOURS = ["#14566b", "#d07d1a", "#5b8fa3", "#8a9a3b", "#9b5d73", "#4a6fa5", "#b0855b", "#6d6d8f"];
  const text = { fontFamily: getComputedStyle(document.body).fontFamily };
  const shown = (value, data) => `${(value / (data.scale ?? 1)).toLocaleString("zh-CN", { maximumFractionDigits: data.places ?? 2 })}${data.unit === "%" ? "" : " "}${data.unit ?? ""}`.trim();
  const narrow = (element) => element.clientWidth < 520;

  const frame = (data, element) => ({
    color: COLOURS, textStyle: text, animation: false,
    grid: { left: 8, right: 16, top: data.series?.length > 1 ? 40 : 24, bottom: 8, containLabel: true },
    legend: data.series?.length > 1 ? { top: 0, type: "scroll" } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: (value) => (value == null ? "—" : shown(value, data)) },
    xAxis: { type: "category", data: data.categories, axisLabel: { interval: narrow(element) ? "auto" : 0, rotate: data.categories?.length > 6 ? 35 : 0, width: 110, overflow: "truncate", hideOverlap: true } },
    // the target stays in sight where all bars are below it
    yAxis: { type: "value", axisLabel: { formatter: (value) => shown(value, data) }, max: (reach) => (data.target > reach.max ? Math.ceil(data.target * 1.1) : null) },
  });

  const target = (data, lying = false) => (data.target == null ? undefined : {
    symbol: "none", silent: true, lineStyle: { color: "#a61e1e", type: "dashed" },
    label: { formatter: shown(data.target, data), position: "insideEndTop" }, data: [lying ? { xAxis: data.target } : { yAxis: data.target }],
  });

  const kinds = {
    bars(data, element) {
      // on a phone the bars lie, so that their names can be read
      const lying = narrow(element) && data.categories.length > 3;
      const option = frame(data, element);
      if (lying) {
        [option.xAxis, option.yAxis] = [option.yAxis, { ...option.xAxis, inverse: true, axisLabel: { width: 90, overflow: "truncate" } }];
        option.xAxis.axisLabel.hideOverlap = true;
      }
      option.series = data.series.map((one, at) => ({ type: "bar", name: one.name, data: one.values, barMaxWidth: 36, markLine: at ? undefined : target(data, lying) }));
      return option;
    },
    stacked(data, element) {
      const option = frame(data, element);
      option.series = data.series.map((one, at) => ({ type: "bar", stack: "whole", name: one.name, data: one.values, barMaxWidth: 44, markLine: at ? undefined : target(data) }));
      return option;
    },
    lines(data, element) {
      const option = frame(data, element);
      option.series = data.series.map((one, at) => ({ type: "line", name: one.name, data: one.values, connectNulls: true, symbolSize: 6, markLine: at ? undefined : target(data) }));
      return option;
    },
    // amounts that add up: what is no whole stands on what is below it
    waterfall(data, element) {
      let level = 0;
      const [hidden, up, down] = [[], [], []];
      for (const step of data.steps) {
        const amount = Number(step.amount);
        const from = step.whole ? 0 : level;
        level = step.whole ? amount : level + amount;
        hidden.push(Math.min(from, level));
        up.push(level >= from ? level - from : null);
        down.push(level < from ? from - level : null);
      }
      const option = frame({ ...data, categories: data.steps.map((step) => step.name), series: [] }, element);
      const label = (pick) => ({ show: !narrow(element), position: "top", formatter: (each) => (pick[each.dataIndex] == null ? "" : shown(Number(data.steps[each.dataIndex].amount), data)) });
      option.tooltip = { trigger: "item", renderMode: "richText", confine: true, formatter: (each) => `${each.name}\n${shown(Number(data.steps[each.dataIndex].amount), data)}` };
      option.series = [
        { type: "bar", stack: "whole", data: hidden, silent: true, itemStyle: { color: "transparent" } },
        { type: "bar", stack: "whole", data: up.map((value, at) => ({ value, itemStyle: { color: data.steps[at].whole ? COLOURS[0] : COLOURS[2] } })), label: label(up) },
        { type: "bar", stack: "whole", data: down, itemStyle: { color: COLOURS[1] }, label: label(down) },
      ];
      return option;
    },
    // polygons coloured by value, with flows between their middles
    async map(data, element) {
      window.echarts.registerMap("province", await (await fetch(data.outlines)).json());
      const values = data.places.map((place) => place.value).filter((value) => value != null);
      const [lowest, highest] = [Math.min(...values, 1), Math.max(...values, 0.01)];
      const known = data.flows.filter((flow) => flow.from && flow.to);
      const most = Math.max(...known.map((flow) => flow.amount), 1);
      const layout = { layoutCenter: ["50%", "50%"], layoutSize: narrow(element) ? "100%" : "155%", aspectScale: 0.82 };
      const lines = known.map((flow) => ({ coords: [flow.from, flow.to], name: flow.name, lineStyle: { width: 1 + 5 * (flow.amount / most) }, told: flow.told }));
      return {
        textStyle: text, animation: false,
        tooltip: { trigger: "item", renderMode: "richText", confine: true, formatter: (each) => `${each.name}\n${each.data?.told ?? "—"}` },
        visualMap: { min: lowest < highest ? lowest : 0, max: highest, left: 0, bottom: 0, itemHeight: 80, text: data.ends, inRange: { color: ["#e7eff2", "#7fb0c0", "#14566b"] }, seriesIndex: 0 },
        geo: { map: "province", silent: true, itemStyle: { opacity: 0 }, ...layout },
        series: [
          { type: "map", map: "province", data: data.places, nameMap: data.names, ...layout, label: { show: true, fontSize: 11, textBorderColor: "#fff", textBorderWidth: 2 }, itemStyle: { areaColor: "#eef1f4", borderColor: "#8b97a5" }, emphasis: { itemStyle: { areaColor: "#f2c88f" } }, select: { disabled: true } },
          { type: "lines", coordinateSystem: "geo", data: lines, symbol: ["none", "arrow"], symbolSize: 7, lineStyle: { color: "#b4650a", opacity: 0.65, curveness: 0.25 } },
        ],
      };
    },
  };

  window.xieshouDraw = async (element) => {
    element.dataset.drawn = "1";
    const data = JSON.parse(element.dataset.chart);
    const option = await kinds[data.kind](data, element);
    const chart = window.echarts.init(element, null, { renderer: "canvas" });
    chart.setOption(option);
    new ResizeObserver(() => chart.resize()).observe(element);
  };
})();

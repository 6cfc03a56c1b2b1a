"use strict";
(() => {
  const { figures, templates } = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const fine = matchMedia("(hover: hover)"); // a mouse; a finger on a chart scrolls the page
  const config = { responsive: true, displayModeBar: false };
  const PRINTED = 680; // width in pixels of a chart on A4 and letter

  const draw = (template, width) => {
    document.querySelectorAll(".chart").forEach((place, index) => {
      const dragmode = fine.matches ? "zoom" : false;
      const layout = { ...figures[index].layout, template, width, dragmode };
      Plotly.react(place, figures[index].data, layout, config);
    });
  };
  const screen = () => draw(dark.matches ? templates.dark : templates.light);
  screen();
  dark.addEventListener("change", screen);
  addEventListener("beforeprint", () => {
    draw(templates.light, PRINTED);
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  addEventListener("afterprint", screen);

  // A cell without data-value was not measured: these rows stay at the end, whichever way the others are sorted.
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(b));
  const valueOf = (row, column) => {
    const text = row.cells[column].dataset.value;
    if (text === undefined) return null;
    return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
  };
  const sort = (header) => {
    const rising = header.getAttribute("aria-sort") !== "ascending";
    const body = header.closest("table").tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, value: valueOf(row, header.cellIndex) }));
    rows.sort((a, b) => {
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
      return rising ? compare(a.value, b.value) : compare(b.value, a.value);
    });
    body.append(...rows.map(({ row }) => row));
    for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", rising ? "ascending" : "descending");
  };
  for (const button of document.querySelectorAll("thead button")) {
    button.addEventListener("click", () => sort(button.closest("th")));
  }
})();

"use strict";
// Tables that sort and filter. The page says all it has to say without it.
(() => {
  const pt = document.documentElement.lang.startsWith("pt");
  const number = (text) => {
    let t = text.replace(/[\s%<+]/g, "").replace("\u2212", "-");
    t = pt ? t.replace(/\./g, "").replace(",", ".") : t.replace(/,/g, "");
    return t === "" || isNaN(t) ? null : Number(t);
  };
  const order = new Intl.Collator(document.documentElement.lang).compare;
  const compare = (a, b) => {
    const x = number(a), y = number(b);
    if (x !== null && y !== null) return x - y;
    if (x !== null || y !== null) return x === null ? 1 : -1;
    return order(a, b);
  };
  for (const table of document.querySelectorAll("table[data-sort]")) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") === "descending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const text = (row) => row.cells[column].dataset.s ?? row.cells[column].textContent;
        rows.sort((a, b) => (up ? 1 : -1) * compare(text(a), text(b)));
        body.append(...rows);
      });
    });
    if (rows.length > 20) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "search";
      label.className = "filter";
      label.append(pt ? "Filtrar" : "Filter", input);
      (table.closest(".scroll") ?? table).before(label);
      input.addEventListener("input", () => {
        const wanted = input.value.toLowerCase();
        for (const row of rows) row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
      });
    }
  }
})();

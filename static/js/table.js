// [data-table]: some browsers forget that a table is one when CSS lays it out as a grid; explicit roles remind them. By script,
// because the same words on every cell would weigh more than the rest of the row.
{
  const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  document.querySelectorAll("[data-table]").forEach((table) => {
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")]) {
      part.setAttribute("role", roles[part.tagName] ?? (part.scope === "col" ? "columnheader" : "rowheader"));
    }
  });
}

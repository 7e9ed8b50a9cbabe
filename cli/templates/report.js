(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  // Shows the lines of an explanation that hold for one column.
  const explain = (target, column) => {
    for (const line of target.querySelectorAll("[data-c]")) {
      const digits = line.dataset.c;
      const digit = parseInt(digits[digits.length - 1 - (column >> 2)], 16);
      line.classList.toggle("dim", column >= 0 && !(digit >> (column & 3) & 1));
    }
  };
  const reveal = (id, column) => {
    const target = byId(id);
    if (!target || !target.closest("details")) return;
    for (let own = target; own; own = own.parentElement) if (own.localName === "details") own.open = true;
    explain(target, column);
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };
  addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#why="]');
    if (!link) return;
    const cell = link.closest(".matrix[data-columns] td");
    reveal(link.hash.slice(1), cell ? cell.cellIndex - 1 : -1);
  });
  // The headings of a table stay in view, with the page or in the table itself.
  const tables = [...document.querySelectorAll(".scroll:has(> .matrix, > .picture)")];
  const fit = (all) => {
    // What is folded is measured when it opens.
    const seen = all.filter((own) => !own.closest("details:not([open])"));
    const sizes = seen.map((own) => [own.firstElementChild.offsetWidth <= own.clientWidth, own.firstElementChild.offsetHeight > innerHeight * 0.85]);
    seen.forEach((own, at) => {
      own.classList.toggle("fits", sizes[at][0]);
      own.classList.toggle("tall", !sizes[at][0] && sizes[at][1]);
      // The releases of the upgrade are worth seeing first.
      const compared = !sizes[at][0] && !own.scrollLeft && own.querySelector(".compared");
      if (compared) own.scrollLeft = compared.offsetLeft - own.querySelector(".name").offsetWidth;
    });
  };
  addEventListener("resize", () => fit(tables));
  addEventListener("toggle", ({ target }) => {
    if (target.matches(".sheet")) fit(tables.filter((own) => target.contains(own)));
  }, true);
  fit(tables);
  let unfilter = () => {};
  const arrive = () => {
    const id = location.hash.slice(1);
    const target = byId(id);
    if (!target) return;
    if (id.startsWith("why=")) {
      if (!target.closest("details").open) reveal(id, -1);
    } else if (target.closest(".sheet")) {
      const sheet = target.closest(".sheet");
      sheet.open = true;
      if (!target.offsetParent) {
        // The filter hides it.
        unfilter();
        sheet.open = true;
      }
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", arrive);
  arrive();

  const form = byId("filter");
  if (!form) return;
  form.hidden = false;
  const field = (name) => byId("f-" + name);
  // What each mark of a table means is in its legend.
  const legends = new Map();
  const codes = (sheet) => {
    if (!legends.has(sheet)) {
      const marks = [...sheet.querySelectorAll(".legend [data-code]")];
      legends.set(sheet, new Map(marks.map((mark) => [mark.firstElementChild.textContent, mark.dataset.code])));
    }
    return legends.get(sheet);
  };
  const sheets = [...document.querySelectorAll("#access .sheet")].map((sheet) => ({
    sheet,
    release: sheet.dataset.release,
    heads: [...sheet.querySelectorAll("thead tr:first-child [data-scope]")],
    turns: [...sheet.querySelectorAll("thead .turn")],
    rows: [...sheet.querySelectorAll("tbody tr")].map((row) => ({
      row,
      area: row.dataset.area,
      method: row.dataset.method,
      text: row.cells[0].textContent.toLowerCase(),
      marks: [...row.cells].slice(1).map((cell) => codes(sheet).get(cell.textContent.trim())),
    })),
  }));
  const heads = sheets.length ? sheets[0].heads.flatMap((head) => Array(head.colSpan).fill(head.dataset.scope)) : [];
  const columns = sheets.length ? sheets[0].turns.map((turn, at) => ({ profile: turn.textContent.trim(), scope: heads[at] })) : [];
  const rules = document.styleSheets[0];
  const first = rules.cssRules.length;
  // While the filter selects, no table is folded; afterwards those are that were before.
  let folded = null;
  const unfold = (isSelecting) => {
    if (isSelecting && !folded) {
      folded = sheets.filter((own) => !own.sheet.open);
      for (const own of folded) own.sheet.open = true;
    } else if (!isSelecting && folded) {
      for (const own of folded) own.sheet.open = false;
      folded = null;
    }
  };
  const apply = () => {
    const text = field("text").value.trim().toLowerCase();
    const [area, method, release, profile, scope, mark] =
      ["area", "method", "release", "profile", "scope", "mark"].map((name) => field(name).value);
    unfold([text, area, method, release, profile, scope, mark].some(Boolean));
    const shown = columns.map((column) => (!profile || column.profile === profile) && (!scope || column.scope === scope));
    while (rules.cssRules.length > first) rules.deleteRule(first);
    shown.forEach((is, at) => {
      if (is) return;
      const cell = `#access .matrix tbody tr > :nth-child(${at + 2}), #access .matrix thead tr:nth-child(2) > :nth-child(${at + 1})`;
      rules.insertRule(`${cell} { display: none; }`, rules.cssRules.length);
    });
    let all = 0, kept = 0;
    for (const own of sheets) {
      const isShown = !release || own.release === release;
      let any = 0;
      for (const line of own.rows) {
        const keeps = isShown && (!area || line.area === area) && (!method || line.method === method)
          && (!text || line.text.includes(text)) && (!mark || line.marks.some((own, at) => shown[at] && own === mark));
        line.row.hidden = !keeps;
        any += keeps;
        all += 1;
      }
      kept += any;
      own.sheet.hidden = !any;
      let at = 0;
      for (const head of own.heads) {
        const size = Number(head.dataset.size || (head.dataset.size = head.colSpan));
        const visible = shown.slice(at, at + size).filter(Boolean).length;
        head.hidden = !visible;
        head.colSpan = visible || 1;
        at += size;
      }
    }
    byId("f-count").textContent = kept === all ? `All ${all} lines of the tables.` : `${kept} of ${all} lines match.`;
  };
  unfilter = () => { form.reset(); apply(); };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
  arrive();
})();

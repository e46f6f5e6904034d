// The queue by keyboard alone: j and k go through the rows, x ticks, a r d decide what is ticked (else the current row), u undoes.
"use strict";

(() => {
  const form = document.querySelector("[data-queue]");
  if (!form) return;
  const rows = [...form.querySelectorAll("tr[data-row]")];
  const reason = form.querySelector("[name=reason]");
  const tick = (row) => row.querySelector("[name=item]");
  const button = (verb) => form.querySelector(`button[name=verb][value=${verb}]`);
  let at = -1;
  let meant = null;

  function go(to) {
    rows[at]?.classList.remove("current");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("current");
    rows[at].querySelector("a").focus();
    rows[at].scrollIntoView({ block: "nearest" });
    sessionStorage.setItem("queue-at", String(at));
  }

  // whoever has ticked nothing means the row that is current
  function take() {
    if (!rows.some((row) => tick(row).checked) && at >= 0) tick(rows[at]).checked = true;
    return rows.some((row) => tick(row).checked);
  }

  // a decision that wants a reason is sent by Enter in it
  function decide(verb) {
    if (!button(verb) || !take()) return;
    if (verb === "approve" || reason.value.trim()) return form.requestSubmit(button(verb));
    meant = verb;
    reason.focus();
  }

  const keys = {
    j: () => go(at + 1), k: () => go(at - 1), x: () => at >= 0 && tick(rows[at])?.click(),
    a: () => decide("approve"), r: () => decide("reject"), d: () => decide("defer"),
    u: () => document.querySelector("form[data-undo]")?.requestSubmit(),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=checkbox])");
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === reason && meant && event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit(button(meant));
    } else if (event.key === "Escape" && typing) {
      meant = null;
      go(Math.max(at, 0));
    } else if (!typing && keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  // after a decision the row is gone, and its place is where to go on; a refused form has taken the focus itself
  const before = sessionStorage.getItem("queue-at");
  if (before !== null && rows.length && !document.querySelector('[role="alert"]')) go(Number(before));
})();

// What every page does by itself, beyond what it does without scripts: tokens of htmx's requests, pictures, a token that stays fresh.
"use strict";

const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  if (csrf() && event.detail.verb !== "get") event.detail.headers["X-CSRF-Token"] = csrf();
});

// a refused form comes back with its sentences: readers of screens are taken to them
const toRefusal = (within) => within.querySelector('[role="alert"]')?.focus();
document.addEventListener("htmx:afterSwap", (event) => {
  toRefusal(event.detail.target);
  drawAll(event.detail.target);
});

function loaded(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: address, onload: done, onerror: failed });
    document.head.append(script);
  });
}

let drawing = null;
// pictures are drawn when there are some: a page without them does not wait for a megabyte
async function drawAll(within) {
  const waiting = [...within.querySelectorAll("[data-chart]:not([data-drawn])")];
  if (!waiting.length) return;
  const told = document.querySelector('meta[name="charts"]');
  drawing ??= loaded(told.content).then(() => loaded(told.dataset.drawing));
  await drawing;
  await Promise.all(waiting.map((element) => window.xieshouDraw(element)));
}

// a page that stays open keeps its token: it lasts ten minutes, the sign-in two hours without use
function stayFresh() {
  let used = Date.now();
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => (used = Date.now()), { passive: true });
  setInterval(() => {
    if (csrf() && Date.now() - used < 3600e3) fetch("/catalog/v1/session", { headers: { Accept: "application/json" } }).catch(() => {});
  }, 8 * 60e3);
}

// the secret of a one-time link stands behind the #, which browsers do not send by themselves
function takeLinkSecret() {
  const form = document.querySelector("form[data-link-secret]");
  if (!form || location.hash.length < 20) return;
  form.querySelector("input[name=token]").value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  form.requestSubmit();
}

document.addEventListener("DOMContentLoaded", () => {
  takeLinkSecret();
  toRefusal(document);
  drawAll(document);
  stayFresh();
});

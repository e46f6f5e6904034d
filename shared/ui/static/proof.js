// Solves the proof of work of a registration before its form is sent; without this script the server does it, for fewer.
"use strict";

(() => {
  const K = new Uint32Array(64);
  const START = new Uint32Array(8);
  // the first 32 bits behind the point of cube and square roots of the primes (FIPS 180-4, 4.2.2 and 5.3.3)
  for (let found = 0, n = 2; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    const bits = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32);
    if (found < 8) START[found] = bits(Math.sqrt(n));
    K[found++] = bits(Math.cbrt(n));
  }

  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const w = new Uint32Array(64);

  // the first 32 bits of SHA-256 of some ASCII characters
  function head(text) {
    const size = ((text.length + 8) >> 6) + 1;
    const words = new Uint32Array(size * 16);
    for (let i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
    words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    words[size * 16 - 1] = text.length * 8;
    const state = Uint32Array.from(START);
    for (let at = 0; at < words.length; at += 16) {
      let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
      for (let i = 0; i < 64; i++) {
        if (i < 16) w[i] = words[at + i];
        else {
          const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
          const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
          w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        const t1 = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    }
    return state[0];
  }

  const pause = () => new Promise((done) => setTimeout(done));

  async function solve(challenge, bits) {
    for (let nonce = 0; ; nonce++) {
      if (Math.clz32(head(`${challenge}:${nonce}`)) >= bits) return String(nonce);
      if (nonce % 4096 === 4095) await pause();
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const nonce = form.querySelector("input[name=nonce]");
    if (!nonce || nonce.value) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    form.querySelector("[data-solving]")?.removeAttribute("hidden");
    nonce.value = await solve(form.querySelector("input[name=challenge]").value, Number(form.dataset.bits));
    form.submit();
  });
})();

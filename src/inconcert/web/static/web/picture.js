// Draws the picture from its specification. `ast` keeps Vega from building code out of text, which the page forbids.
"use strict";

window.addEventListener("DOMContentLoaded", async () => {
  const frame = document.getElementById("picture");
  if (!frame) return;
  try {
    const answer = await fetch(frame.dataset.spec, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const spec = await answer.json();
    frame.replaceChildren();
    await window.vegaEmbed(frame, spec, {
      ast: true, actions: false, defaultStyle: false, tooltip: false, renderer: "svg",
    });
    frame.classList.add("drawn");
  } catch {
    frame.textContent = "The picture could not be drawn. Its numbers stand under “Show numbers”.";
  }
});

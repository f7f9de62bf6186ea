// Draws the picture from its specification. `ast` keeps Vega from building code out of text, which the page forbids.
"use strict";

window.addEventListener("DOMContentLoaded", async () => {
  const frame = document.getElementById("picture");
  if (!frame) return;
  try {
    // What is left of the frame beside the axis and the legend.
    const width = Math.max(240, Math.round(frame.clientWidth - 330));
    const answer = await fetch(`${frame.dataset.spec}&width=${width}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const spec = await answer.json();
    frame.replaceChildren();
    await window.vegaEmbed(frame, spec, {
      ast: true, actions: false, defaultStyle: false, tooltip: false, renderer: "svg",
    });
    // The frame has the picture in words; what Vega says of each mark would only be read twice.
    frame.querySelector("svg").setAttribute("aria-hidden", "true");
    for (const said of frame.querySelectorAll("[role], [aria-roledescription], [aria-label]")) {
      for (const name of ["role", "aria-roledescription", "aria-label"]) said.removeAttribute(name);
    }
    frame.classList.add("drawn");
  } catch {
    frame.textContent = "The picture could not be drawn. Its numbers stand under “Show numbers”.";
  }
});

// Draws pictures from their specifications. `ast` keeps Vega from building code out of text, which the page forbids.
"use strict";

async function drawPicture(frame) {
  if (frame.dataset.begun) return;
  frame.dataset.begun = "1";
  try {
    // What is left of the frame beside labels and legends; where that is little, words are folded into lines.
    const beside = Number(frame.dataset.beside || 330);
    const narrow = "beside" in frame.dataset && frame.clientWidth - beside < 160;
    const width = Math.round(frame.clientWidth - (narrow ? Number(frame.dataset.besideNarrow || 225) : beside));
    const address = new URL(frame.dataset.spec, window.location.href);
    address.searchParams.set("width", Math.max(Number(frame.dataset.least || 240), width));
    if (narrow) address.searchParams.set("narrow", "yes");
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const spec = await answer.json();
    const words = frame.getAttribute("aria-label");
    frame.replaceChildren();
    await window.vegaEmbed(frame, spec, {
      ast: true, actions: false, defaultStyle: false, tooltip: false, renderer: "svg",
    });
    // The frame has the picture in words; what Vega says of each mark would only be read twice.
    frame.querySelector("svg").setAttribute("aria-hidden", "true");
    for (const said of frame.querySelectorAll("[role], [aria-roledescription], [aria-label]")) {
      for (const name of ["role", "aria-roledescription", "aria-label"]) said.removeAttribute(name);
    }
    // Vega makes a document of the frame; it is one picture with its words.
    frame.setAttribute("role", "img");
    frame.setAttribute("aria-label", words);
    frame.removeAttribute("aria-roledescription");
    frame.classList.add("drawn");
  } catch {
    frame.textContent = frame.id === "picture"
      ? "The picture could not be drawn. Its numbers stand under “Show numbers”."
      : "The picture could not be drawn. Its numbers stand in the table beside it.";
  }
}

function drawPictures() {
  for (const frame of document.querySelectorAll(".picture[data-spec]")) drawPicture(frame);
}

window.addEventListener("DOMContentLoaded", drawPictures);
document.addEventListener("htmx:afterSettle", drawPictures); // a part of the page that came later

// Small conveniences. Every page works without them.
"use strict";

// A link to a section opens what is folded around it, and printing opens every basis.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details:not([open])")) {
    folded.dataset.folded = "1";
    folded.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const folded of document.querySelectorAll("details[data-folded]")) {
    folded.open = false;
    delete folded.dataset.folded;
  }
});

// A large file: show how much is sent, then that it is being read. The answer is the server's own page.
const form = document.getElementById("upload-form");
if (form) {
  form.addEventListener("submit", (event) => {
    const file = form.querySelector("input[type=file]").files[0];
    if (!file || file.size < 200000) return;
    event.preventDefault();
    const line = document.getElementById("progress");
    const bar = document.getElementById("progress-bar");
    const text = document.getElementById("progress-text");
    const button = form.querySelector("button");
    const request = new XMLHttpRequest();
    line.hidden = false;
    button.disabled = true;
    request.upload.addEventListener("progress", (sent) => {
      if (!sent.lengthComputable) return;
      bar.value = Math.round((100 * sent.loaded) / sent.total);
      text.textContent = bar.value < 100 ? `${bar.value} % sent` : "sent; reading every resource…";
    });
    request.addEventListener("load", () => {
      if (request.status === 200 && request.responseURL !== window.location.href) {
        window.location.assign(request.responseURL);
        return;
      }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html").getElementById("main");
      if (answer) document.getElementById("main").replaceWith(answer);
    });
    request.addEventListener("error", () => {
      text.textContent = "The file did not arrive. Nothing was kept. Try again.";
      button.disabled = false;
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}

// Renews pages that change by themselves, and takes files that are dropped. Pages work without it.
"use strict";

function renew(main, seconds) {
  let wait = seconds;
  const again = () => setTimeout(once, wait * 1000);
  async function once() {
    if (document.hidden) return again();
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.redirected) return location.reload();
      const text = await answer.text();
      const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      const checked = [...main.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.id);
      if (answer.ok && fresh && fresh.innerHTML !== main.dataset.seen) {
        main.dataset.seen = fresh.innerHTML;
        main.innerHTML = fresh.innerHTML;
        for (const id of checked) document.getElementById(id)?.click();
        if (!fresh.dataset.refresh) return;
      }
      wait = seconds;
    } catch {
      wait = Math.min(wait * 2, 30);
    }
    again();
  }
  again();
}

function takeDrops(form) {
  const file = form.querySelector("input[type=file]");
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length) {
      file.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
  file.addEventListener("change", () => file.files.length && form.requestSubmit());
}

const main = document.querySelector("main[data-refresh]");
if (main) {
  main.dataset.seen = main.innerHTML;
  renew(main, Number(main.dataset.refresh));
}
document.querySelectorAll("form[data-drop]").forEach(takeDrops);

// Saves a section as it is filled in. Without this script the page works the same, and is saved by its button.
const form = document.querySelector('form[data-save]');
const said = document.querySelector('[data-saved]');
let timer;
let latest = 0;

async function save() {
  const mine = ++latest;
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') data.append(name, value);
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: data,
    });
    if (mine === latest) said.textContent = answer.ok ? 'Saved.' : 'Not saved. Use the button below.';
  } catch {
    if (mine === latest)
      said.textContent = 'Not saved: no connection. Use the button below when there is one.';
  }
}

if (form !== null && said !== null) {
  form.addEventListener('input', (event) => {
    // Messages and files go by the button alone: half a message is nothing to send.
    if (/^[mx]:/.test(event.target.name ?? '') || event.target.type === 'file') return;
    said.textContent = '…';
    clearTimeout(timer);
    timer = setTimeout(save, 700);
  });
}

// The script of an ask file. It keeps what is typed in this browser where it may, and makes the reply file: a JWS (RFC 7515) by
// the key that came with this file. The page's policy lets it speak to nobody.
const ask = JSON.parse(document.getElementById('ask').textContent);
const form = document.querySelector('form');
const said = document.querySelector('[data-saved]');
const keep = `loupe-ask ${ask.key}`;
const MAX_FILE = 10 * 1024 * 1024;
const MAX_ALL = 14 * 1024 * 1024;

function say(text) {
  said.textContent = text;
}

function store(text) {
  try {
    localStorage.setItem(keep, text);
    return true;
  } catch {
    return false; // a browser that keeps nothing for files; the reply file is what counts
  }
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(keep) ?? 'null');
  } catch {
    return null;
  }
}

/** What is filled in: answers by item, and messages. */
function filledIn() {
  const answers = {};
  const messages = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== 'string') continue;
    const item = name.slice(2);
    if (name.startsWith('m:')) {
      if (value.trim() !== '') messages.push({ item, text: value.trim() });
      continue;
    }
    answers[item] ??= { choice: null, text: '' };
    if (name.startsWith('c:')) answers[item].choice = value;
    if (name.startsWith('t:')) answers[item].text = value;
  }
  for (const [item, { choice, text }] of Object.entries(answers)) {
    if (choice === null && text.trim() === '') delete answers[item];
  }
  return { answers, messages };
}

function fillIn(saved) {
  for (const [item, { choice, text }] of Object.entries(saved?.answers ?? {})) {
    for (const field of form.elements) {
      if (field.name === `c:${item}`) field.checked = field.value === choice;
      if (field.name === `t:${item}`) field.value = text;
    }
  }
  for (const { item, text } of saved?.messages ?? []) {
    for (const field of form.elements) if (field.name === `m:${item}`) field.value = text;
  }
}

function base64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}

function base64url(bytes) {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

async function attached() {
  const files = [];
  let all = 0;
  for (const field of form.querySelectorAll('input[type=file]')) {
    for (const file of field.files) {
      all += file.size;
      if (file.size > MAX_FILE || all > MAX_ALL)
        throw new Error('Files: 10 MB each and 14 MB together at most.');
      files.push({
        item: field.name.slice(2),
        name: file.name,
        data: base64(new Uint8Array(await file.arrayBuffer())),
      });
    }
  }
  return files;
}

async function replyFile() {
  const utf8 = new TextEncoder();
  const header = base64url(
    utf8.encode(JSON.stringify({ alg: 'ES256', typ: 'loupe-reply+json', kid: ask.key })),
  );
  const content = {
    v: 1,
    ask: ask.ask,
    form: ask.form,
    at: Date.now(),
    ...filledIn(),
    files: await attached(),
  };
  const payload = base64url(utf8.encode(JSON.stringify(content)));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('jwk', ask.private, algorithm, false, ['sign']);
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    key,
    utf8.encode(`${header}.${payload}`),
  );
  return JSON.stringify({ payload, protected: header, signature: base64url(new Uint8Array(signature)) });
}

fillIn(stored());
form.addEventListener('input', () => {
  const kept = store(JSON.stringify(filledIn()));
  say(
    kept
      ? 'Kept in this browser.'
      : 'This browser keeps nothing: make the reply file before you close the page.',
  );
});
async function handOut() {
  try {
    const text = await replyFile();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
    link.download = `reply-${ask.ask.slice(-8)}.loupe-reply`;
    link.click();
    say('The reply file is in your downloads. Send it back as an attachment.');
  } catch (error) {
    say(error instanceof Error ? error.message : 'The reply file could not be made.');
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void handOut();
});

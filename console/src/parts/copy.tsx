import { useState } from 'react';

/** A button that copies a text, and says so. */
export function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="quiet"
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false), // no permission: the text stands there to be copied by hand
        );
      }}
    >
      {copied ? 'Copied' : label}
    </button>
  );
}

import { useMutation } from '@tanstack/react-query';
import type { AskLink } from '@loupe/contract';
import { api } from '../../api.ts';
import { Copy } from '../../parts/copy.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { saveAs } from '../../parts/save-as.ts';

interface SendItProps {
  readonly shop: string;
  readonly link: AskLink;
  readonly onDone: () => void;
}

/** What to send, by link or as a file; shown once, because only the link's hash is kept. */
export function SendIt({ shop, link, onDone }: SendItProps) {
  const file = useMutation({
    mutationFn: () => api.askFile(shop, link.ask),
    onSuccess: (page) => saveAs(page, 'questions.html', 'application/octet-stream'),
  });
  return (
    <section className="notice" aria-live="polite">
      <h2>{link.mailed ? 'Sent by mail' : 'Ready to send'}</h2>
      {link.reachable ? null : (
        <p>
          <strong>This Loupe opens only on this machine</strong>, so a link would not work elsewhere. Send the
          questions as a file: it works offline, and a reply file comes back.
        </p>
      )}
      {link.reachable ? <LinkToSend link={link} /> : null}
      <p className="actions">
        <button
          type="button"
          className={link.reachable ? 'quiet' : ''}
          disabled={file.isPending}
          onClick={() => file.mutate()}
        >
          Save the questions as a file
        </button>
        <button type="button" className="quiet" onClick={onDone}>
          Done
        </button>
      </p>
      {link.reachable ? null : (
        <details>
          <summary>The link all the same, for this machine</summary>
          <LinkToSend link={link} />
        </details>
      )}
      {file.isSuccess ? (
        <p>Attach the file to a mail. Each file has a key of its own and is for this person alone.</p>
      ) : null}
      <ProblemNote error={file.error} />
    </section>
  );
}

function LinkToSend({ link }: { readonly link: AskLink }) {
  if (link.mailed) return null;
  return (
    <>
      <p className="link">
        <code>{link.link}</code>
      </p>
      <p className="actions">
        <Copy text={link.link} label="Copy the link" />
        <Copy text={link.message} label="Copy a message with it" />
      </p>
    </>
  );
}

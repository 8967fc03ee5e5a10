import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Feed, PlainGiven } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { day } from '../../parts/time.ts';

interface PlainProps {
  readonly shop: string;
  readonly feed: Feed;
}

/** A person's word that a provider without TLS is asked all the same. */
export function Plain({ shop, feed }: PlainProps) {
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (exception: PlainGiven['exception']) => api.setPlainFeed(shop, feed.id, exception),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['feeds', shop] }),
  });
  const { plain } = feed;
  if (plain !== null)
    return (
      <p className="warn">
        It is asked without TLS until {day(plain.until)}: {plain.by === '' ? 'somebody' : plain.by} takes that
        upon them ({plain.reason}).{' '}
        <button
          type="button"
          className="small quiet"
          disabled={set.isPending}
          onClick={() => set.mutate(null)}
        >
          Only over TLS again
        </button>
        <ProblemNote error={set.error} />
      </p>
    );
  return (
    <details>
      <summary>The provider offers no TLS</summary>
      <form
        className="inline"
        action={(form) =>
          set.mutate({
            reason: textOf(form, 'reason'),
            until: new Date(`${textOf(form, 'until')}T00:00:00`).getTime(),
          })
        }
      >
        <p className="soft">
          Without TLS whoever is on the way reads what signs in, and can change every stone. If there is no
          other way, say why, and until when; your name stands beside it, and the answers say so.
        </p>
        <Field label="Why" name="reason" maxLength={500} required />
        <Field label="Until, ninety days at most" name="until" type="date" required />
        <button type="submit" className="small" disabled={set.isPending}>
          I take that upon me
        </button>
        <ProblemNote error={set.error} />
      </form>
    </details>
  );
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AnsweredItem, AskView } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { dayAhead, endOfDay, textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { TextArea } from '../../parts/text-area.tsx';

interface AskBackProps {
  readonly shop: string;
  readonly ask: string;
  readonly item: string;
}

/** A question back about one answer. */
export function AskBackForm({ shop, ask, item }: AskBackProps) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const send = useMutation({
    mutationFn: (form: FormData) => api.askBack(shop, ask, { item, text: textOf(form, 'text') }),
    onSuccess: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ['ask', shop, ask] });
    },
  });
  if (!open) {
    return (
      <button type="button" className="quiet small" onClick={() => setOpen(true)}>
        Ask back
      </button>
    );
  }
  return (
    <form className="inline" action={(form) => send.mutate(form)}>
      <TextArea label="Your question" name="text" required maxLength={2_000} />
      <button type="submit" className="small" disabled={send.isPending}>
        Ask
      </button>
      <p className="soft">They see it when they open their link again, or in the next file you make.</p>
      <ProblemNote error={send.error} />
    </form>
  );
}

interface AgreeProps {
  readonly shop: string;
  readonly view: AskView;
  readonly answered: AnsweredItem;
}

/** An agreed action: what, who, until when; and the check that will show it, where one was set beside the answer. */
export function AgreeForm({ shop, view, answered }: AgreeProps) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const short = answered.seen.find((seen) => seen.outcome === 'falls-short');
  const agree = useMutation({
    mutationFn: (form: FormData) =>
      api.agree(shop, {
        text: textOf(form, 'text'),
        person: textOf(form, 'person'),
        dueAt: endOfDay(form, 'due') ?? 0,
        ask: view.ask.id,
        item: answered.item.id,
        check: short?.check ?? null,
        subject: short?.subject ?? null,
      }),
    onSuccess: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ['ask', shop, view.ask.id] });
      await queries.invalidateQueries({ queryKey: ['actions', shop] });
    },
  });
  if (!open) {
    return (
      <button type="button" className="quiet small" onClick={() => setOpen(true)}>
        Agree on an action
      </button>
    );
  }
  return (
    <form className="inline" action={(form) => agree.mutate(form)}>
      <Field label="What will be done" name="text" required maxLength={500} />
      <Field label="Who" name="person" defaultValue={view.ask.to} required maxLength={100} />
      <Field label="Until" name="due" type="date" defaultValue={dayAhead(14)} required />
      <p className="soft">
        {short === undefined
          ? 'Nothing shows this from outside: their word will have to do.'
          : `When the date comes, Loupe looks again: “${short.title}” decides.`}
      </p>
      <button type="submit" className="small" disabled={agree.isPending}>
        Agree
      </button>
      <ProblemNote error={agree.error} />
    </form>
  );
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Feed } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';

interface ReportKeyProps {
  readonly shop: string;
  readonly feed: Feed;
}

/** Whether GIA is asked what its reports on a feed’s stones say. */
export function ReportKey({ shop, feed }: ReportKeyProps) {
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (key: string | null) => api.setReportKey(shop, feed.id, key),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['feeds', shop] }),
  });
  return (
    <>
      <h3>Reports of GIA</h3>
      {feed.asksReports === true ? (
        <p>
          With each load GIA is asked about the dearest stones whose reports are not known yet. A stone that
          is another than its report says is kept out.{' '}
          <button
            type="button"
            className="small quiet"
            disabled={set.isPending}
            onClick={() => set.mutate(null)}
          >
            Ask no more
          </button>
        </p>
      ) : (
        <form className="inline" action={(form) => set.mutate(textOf(form, 'key'))}>
          <Field
            label="API key of GIA’s report results"
            name="key"
            type="password"
            autoComplete="off"
            help="Sealed at once. GIA is asked about 25 stones a load, the dearest first, each once."
            required
          />
          <button type="submit" className="small" disabled={set.isPending}>
            Look reports up
          </button>
        </form>
      )}
      <ProblemNote error={set.error} />
    </>
  );
}

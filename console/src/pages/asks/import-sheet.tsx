import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { ProblemNote } from '../../parts/problem.tsx';

/** Takes in a questionnaire that somebody else sent as a spreadsheet. */
export function ImportSheet({ shop }: { readonly shop: string }) {
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (form: FormData) => api.importSheet(shop, form),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['questionnaires', shop] }),
  });
  return (
    <details className="part">
      <summary>Use a questionnaire of your own</summary>
      <form action={(form) => add.mutate(form)}>
        <Field label="What it is called" name="title" required maxLength={120} />
        <Field
          label="Spreadsheet"
          name="file"
          type="file"
          accept=".csv,.xlsx"
          required
          help="CSV or XLSX, with a heading row and a column named Question. Macros are refused."
        />
        <button type="submit" disabled={add.isPending}>
          Take it in
        </button>
        {add.data === undefined ? null : (
          <p role="status">
            {add.data.items} questions. You can send them now: choose “{add.data.title}” above.
          </p>
        )}
        <ProblemNote error={add.error} />
      </form>
    </details>
  );
}

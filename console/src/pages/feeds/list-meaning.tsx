import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FirstRowsTold, ListPlace, ListWare, SupplierListGiven } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import type { FirstRowsProps } from './add-list.tsx';
import { ContractFields, contractIn } from './contract-fields.tsx';
import { columnText, likely, moreColumns, neededColumns } from './list-columns.ts';

const HOUR_MS = 3_600_000;

interface ListMeaningProps extends FirstRowsProps {
  readonly first: FirstRowsTold;
}

/** What the columns mean, beside what stands in them. */
export function ListMeaning({ shop, asked, first, isSample, onDone }: ListMeaningProps) {
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: async (form: FormData) => {
      const { feed } = await api.addFeed(shop, {
        provider: 'supplier-list',
        list: listIn(form, asked.list, asked.of),
        entitlement: contractIn(form),
        credentials: { ...asked.credentials },
      });
      if (asked.drop !== undefined) await api.loadFeed(shop, feed, asked.drop);
    },
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries({ queryKey: ['feeds', shop] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(new FormData(event.currentTarget));
      }}
    >
      <h2>What came</h2>
      <div className="wide" role="region" aria-label="The first rows of the list" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {first.columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.rows.slice(0, 5).map((row, place) => (
              // oxlint-disable-next-line react/no-array-index-key -- rows of a stranger’s have no names, and never change here
              <tr key={place}>
                {first.columns.map((name, cell) => (
                  <td key={name}>{row[cell]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2>What its columns mean</h2>
      <p className="soft">What a column means cannot be changed later: it is what loads are compared by.</p>
      <fieldset className="boxes">
        <legend>Needed</legend>
        {neededColumns(asked.of).map((column) => (
          <ColumnSelect key={column} ware={asked.of} column={column} first={first} required />
        ))}
      </fieldset>
      <fieldset className="boxes">
        <legend>If the list has it</legend>
        {moreColumns(asked.of).map((column) => (
          <ColumnSelect key={column} ware={asked.of} column={column} first={first} required={false} />
        ))}
      </fieldset>
      <Field
        label="Currency of the prices"
        name="currency"
        pattern="[A-Z]{3}"
        maxLength={3}
        defaultValue="USD"
        help="Three letters, such as USD."
        required
      />
      <Select
        label="Prices are written in"
        name="money"
        options={[
          ['units', 'whole units, with or without decimals'],
          ['minor', 'cents'],
        ]}
      />
      {asked.of === 'stones' ? <StoneFields /> : null}
      <Field
        label={asked.drop === undefined ? 'Read every so many hours' : 'A new one is due every so many hours'}
        name="hours"
        type="number"
        min={1}
        max={168}
        defaultValue={24}
        required
      />
      <ContractFields
        terms="What may be kept and shown is in what you agreed with the supplier."
        isStorable
        isSample={isSample}
      />
      {asked.list.signIn === 'none' ? null : (
        <p className="soft">
          What signs in is sealed at once and shown to nobody again. It is sent to{' '}
          {new URL(asked.list.url).hostname} and nowhere else.
        </p>
      )}
      <button type="submit" disabled={add.isPending}>
        Plug in
      </button>
      <ProblemNote error={add.error} />
    </form>
  );
}

/** What is said of stones alone. */
function StoneFields() {
  return (
    <>
      <Select
        label="The stones are"
        name="growth"
        options={[
          ['natural', 'natural'],
          ['lab', 'lab-grown'],
          ['told', 'as a column says'],
        ]}
      />
      <Select
        label="Discounts are written as"
        name="discount"
        options={[
          ['percent', '−32 (percent)'],
          ['fraction', '−0.32 (a fraction)'],
        ]}
      />
    </>
  );
}

interface ColumnSelectProps {
  readonly ware: ListWare;
  readonly column: string;
  readonly first: FirstRowsTold;
  readonly required: boolean;
}

function ColumnSelect({ ware, column, first, required }: ColumnSelectProps) {
  const [says] = columnText(ware, column);
  return (
    <Select
      label={says}
      name={`column-${column}`}
      defaultValue={likely(ware, column, first.columns)}
      required={required}
      options={[
        ['', required ? 'Choose' : 'Not in the list'],
        ...first.columns.map((name) => [name, name] as const),
      ]}
    />
  );
}

function listIn(form: FormData, place: ListPlace, of: ListWare): SupplierListGiven {
  const columns = Object.fromEntries(
    [...neededColumns(of), ...moreColumns(of)]
      .map((column) => [column, textOf(form, `column-${column}`)] as const)
      .filter(([, name]) => name !== ''),
  );
  const growth = form.get('growth');
  const list = {
    ...place,
    of,
    columns,
    currency: textOf(form, 'currency'),
    money: form.get('money') === 'minor' ? 'minor' : 'units',
    everyMs: Number(textOf(form, 'hours')) * HOUR_MS,
    ...(of === 'stones'
      ? {
          growth: growth === 'lab' || growth === 'told' ? growth : 'natural',
          discount: form.get('discount') === 'fraction' ? 'fraction' : 'percent',
        }
      : {}),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the form demands the columns that are needed of each kind, and the API does
  return list as SupplierListGiven;
}

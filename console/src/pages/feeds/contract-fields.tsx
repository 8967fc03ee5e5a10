import type { EntitlementGiven } from '@loupe/contract';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { Select } from '../../parts/select.tsx';

const SHOWN: readonly (readonly [part: EntitlementGiven['show'][number], says: string])[] = [
  ['certificate', 'Certificate numbers'],
  ['report', 'Links to reports'],
  ['media', 'Pictures and videos'],
  ['measurements', 'Measurements'],
  ['comment', 'Comments'],
];

interface ContractFieldsProps {
  /** What the provider’s own documents say, and where. */
  readonly terms: string;
  /** Whether there may be contracts that allow storing. */
  readonly isStorable: boolean;
  readonly isSample: boolean;
}

/** What the contract with a provider allows; read again by `contractIn`. */
export function ContractFields({ terms, isStorable, isSample }: ContractFieldsProps) {
  return (
    <>
      <h2>What your contract allows</h2>
      <p className="soft">{terms}</p>
      <Field
        label="The contract"
        name="paper"
        help="Its name, number or date, as somebody would look for it."
        defaultValue={isSample ? 'Sample contract' : ''}
        maxLength={200}
        required
      />
      {isStorable ? (
        <Storing isSample={isSample} />
      ) : (
        <p>Stones are asked for when a shopper looks, passed through, and kept nowhere.</p>
      )}
      <Select
        label="Prices that shoppers may see"
        name="prices"
        options={[
          ['own', 'Your own, made by your rules'],
          ['none', 'None: on request'],
        ]}
      />
      <fieldset className="boxes">
        <legend>Shoppers may see</legend>
        {SHOWN.map(([part, says]) => (
          <label key={part} className="check">
            <input type="checkbox" name={`show-${part}`} defaultChecked={isSample} />
            {says}
          </label>
        ))}
      </fieldset>
      <p className="soft">
        Sellers, costs, stock numbers and places are never shown, whatever a contract says.
      </p>
    </>
  );
}

function Storing({ isSample }: { readonly isSample: boolean }) {
  return (
    <>
      <label className="check">
        <input type="checkbox" name="store" defaultChecked={isSample} />
        Stones may be downloaded and stored
      </label>
      <label className="check">
        <input type="checkbox" name="replay" defaultChecked={isSample} />
        Files may be kept, to show or repeat a decision
      </label>
      <Field
        label="For how many days"
        name="keepDays"
        type="number"
        min={1}
        max={400}
        defaultValue={30}
        required
      />
    </>
  );
}

export function contractIn(form: FormData): EntitlementGiven {
  return {
    store: form.get('store') === 'on',
    // Of no matter where nothing is stored.
    keepDays: form.has('keepDays') ? Number(textOf(form, 'keepDays')) : 1,
    replay: form.get('replay') === 'on',
    prices: form.get('prices') === 'none' ? 'none' : 'own',
    show: SHOWN.map(([part]) => part).filter((part) => form.get(`show-${part}`) === 'on'),
    paper: textOf(form, 'paper'),
  };
}

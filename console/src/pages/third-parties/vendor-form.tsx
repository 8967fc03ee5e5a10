import type { VendorGiven } from '@loupe/contract';
import { Field } from '../../parts/field.tsx';
import { endOfDay, textOf } from '../../parts/form.ts';
import { Select } from '../../parts/select.tsx';

const KINDS = [
  ['feed', 'Feed of stones or stock'],
  ['platform', 'Shop platform'],
  ['payments', 'Payments'],
  ['hosting', 'Hosting, network, names'],
  ['mail', 'Mail'],
  ['records', 'Customer records'],
  ['marketing', 'Marketing'],
  ['analytics', 'Statistics'],
  ['reviews', 'Reviews'],
  ['chat', 'Chat'],
  ['scripts', 'Scripts'],
  ['content', 'Pictures, video'],
  ['developer', 'Developer or agency'],
  ['other', 'Something else'],
] as const;

const TOUCHES = [
  ['contact', 'Names and addresses'],
  ['orders', 'Orders'],
  ['cards', 'Card numbers'],
  ['payments', 'Payments'],
  ['accounts', 'Customer accounts'],
  ['messages', 'Messages'],
  ['visits', 'Visits'],
  ['stock', 'Stock'],
  ['prices', 'Prices and costs'],
  ['certificates', 'Certificates'],
] as const;

const WEIGHTS = [
  ['low', 'Little: nobody would notice for a week'],
  ['medium', 'Something'],
  ['high', 'Much'],
  ['critical', 'Everything: the shop stands still, or customers are hurt'],
] as const;

interface VendorFormProps {
  readonly given: VendorGiven | null;
  readonly busy: boolean;
  readonly onSave: (given: VendorGiven) => void;
}

/** What a person says of a third party. */
export function VendorForm({ given, busy, onSave }: VendorFormProps) {
  return (
    <form action={(form) => onSave(read(form))}>
      <Field label="Name" name="name" defaultValue={given?.name ?? ''} required maxLength={100} />
      <Select label="What it is" name="kind" defaultValue={given?.kind ?? 'other'} options={KINDS} />
      <Field label="What it does for you" name="does" defaultValue={given?.does ?? ''} maxLength={200} />
      <fieldset className="boxes">
        <legend>What of yours it touches</legend>
        {TOUCHES.map(([value, says]) => (
          <label key={value} className="check">
            <input
              type="checkbox"
              name="touches"
              value={value}
              defaultChecked={given?.touches.includes(value) ?? false}
            />{' '}
            {says}
          </label>
        ))}
        <label className="check">
          <input type="checkbox" name="money" defaultChecked={given?.money ?? false} /> It takes part in
          payments
        </label>
      </fieldset>
      <Select
        label="How much hangs on it"
        name="criticality"
        defaultValue={given?.criticality ?? 'medium'}
        options={WEIGHTS}
      />
      <Field
        label="Its websites"
        name="hosts"
        defaultValue={given?.hosts.join(', ') ?? ''}
        help="Host names with commas between, such as example.com. Loupe looks at the first three weekly."
      />
      <Field label="Its API hosts" name="apiHosts" defaultValue={given?.apiHosts.join(', ') ?? ''} />
      <Field
        label="What it may do (scopes, roles)"
        name="scopes"
        defaultValue={given?.scopes ?? ''}
        maxLength={500}
      />
      <Field label="On which pages" name="pages" defaultValue={given?.pages ?? ''} maxLength={200} />
      <Field
        label="Who answers for it here"
        name="responsible"
        defaultValue={given?.responsible ?? ''}
        maxLength={100}
      />
      <Field
        label="Whom to write to there"
        name="contact"
        defaultValue={given?.contact ?? ''}
        maxLength={254}
      />
      <Field label="Contract" name="contract" defaultValue={given?.contract ?? ''} maxLength={500} />
      <Field
        label="Contract until"
        name="contractUntil"
        type="date"
        defaultValue={
          given?.contractUntil === null || given === null
            ? ''
            : new Date(given.contractUntil).toISOString().slice(0, 10)
        }
      />
      <button type="submit" disabled={busy}>
        Save
      </button>
    </form>
  );
}

function read(form: FormData): VendorGiven {
  const list = (name: string): string[] =>
    textOf(form, name)
      .split(/[\s,]+/u)
      .filter((part) => part !== '');
  const kind = KINDS.find(([value]) => value === textOf(form, 'kind'))?.[0] ?? 'other';
  const criticality = WEIGHTS.find(([value]) => value === textOf(form, 'criticality'))?.[0] ?? 'medium';
  const checked = form.getAll('touches');
  return {
    name: textOf(form, 'name'),
    kind,
    does: textOf(form, 'does'),
    hosts: list('hosts'),
    apiHosts: list('apiHosts'),
    touches: TOUCHES.map(([value]) => value).filter((value) => checked.includes(value)),
    scopes: textOf(form, 'scopes'),
    pages: textOf(form, 'pages'),
    money: form.get('money') !== null,
    criticality,
    responsible: textOf(form, 'responsible'),
    contact: textOf(form, 'contact'),
    contract: textOf(form, 'contract'),
    contractUntil: endOfDay(form, 'contractUntil'),
  };
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { DirectoryEntry } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { VendorForm } from './vendor-form.tsx';

interface AddVendorProps {
  readonly shop: string;
  readonly taken: readonly string[];
}

const MANY = 8;

/** Puts somebody into the register: out of the directory, or from nothing. */
export function AddVendor({ shop, taken }: AddVendorProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const directory = useQuery({ queryKey: ['directory'], queryFn: api.directory });
  const [search, setSearch] = useState('');
  const add = useMutation({
    mutationFn: (given: Parameters<typeof api.addVendor>[1]) => api.addVendor(shop, given),
    onSuccess: async ({ vendor }) => {
      await queries.invalidateQueries({ queryKey: ['vendors', shop] });
      await queries.invalidateQueries({ queryKey: ['connections', shop] });
      await navigate({ to: '/shops/$shop/third-parties/$vendor', params: { shop, vendor } });
    },
  });
  const wanted = search.trim().toLowerCase();
  const found = (directory.data?.entries ?? []).filter(
    (entry) =>
      !taken.includes(entry.name) &&
      (wanted === '' ? entry.kind === 'feed' || entry.kind === 'platform' : matches(entry, wanted)),
  );
  return (
    <details className="part" open={taken.length === 0}>
      <summary>Add a third party</summary>
      <Field
        label="Find a usual one"
        name="search"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        placeholder="RapNet, Klaviyo, a host name …"
      />
      <ul className="cards">
        {found.slice(0, MANY).map((entry) => (
          <li key={entry.name} className="card row">
            <span>
              <strong>{entry.name}</strong> <span className="soft">{entry.does}</span>
            </span>
            <button
              type="button"
              className="quiet small"
              disabled={add.isPending}
              onClick={() => add.mutate(entryOf(entry))}
            >
              Add
            </button>
          </li>
        ))}
      </ul>
      <details>
        <summary>Somebody else</summary>
        <VendorForm given={null} busy={add.isPending} onSave={(given) => add.mutate(given)} />
      </details>
      <ProblemNote error={add.error ?? directory.error} />
    </details>
  );
}

function matches(entry: DirectoryEntry, wanted: string): boolean {
  return [entry.name, entry.does, ...entry.hosts].some((text) => text.toLowerCase().includes(wanted));
}

/** A register entry as the directory proposes it. */
export function entryOf(entry: DirectoryEntry): Parameters<typeof api.addVendor>[1] {
  const { name, kind, does, hosts, apiHosts, touches, money, criticality } = entry;
  return { name, kind, does, hosts, apiHosts, touches, money, criticality };
}

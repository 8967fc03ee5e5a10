import { type InputHTMLAttributes, useId } from 'react';

type FieldProps = InputHTMLAttributes<HTMLInputElement> & { readonly label: string; readonly help?: string };

/** A labelled input with its help text tied to it. */
export function Field({ label, help, ...input }: FieldProps) {
  const id = useId();
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} {...input} aria-describedby={help === undefined ? undefined : `${id}-help`} />
      {help === undefined ? null : (
        <small id={`${id}-help`} className="help">
          {help}
        </small>
      )}
    </p>
  );
}

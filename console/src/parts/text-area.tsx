import { type TextareaHTMLAttributes, useId } from 'react';

type TextAreaProps = TextareaHTMLAttributes<HTMLTextAreaElement> & { readonly label: string };

/** A labelled field for more than a line. */
export function TextArea({ label, ...area }: TextAreaProps) {
  const id = useId();
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} rows={3} {...area} />
    </p>
  );
}

// saxes, made strict: it expands no entity that a document defines, and here none gets as far as to define one.
import { SaxesParser } from 'saxes';
import { feedError } from '../errors.ts';

/** A parser of XML 1.0 that throws `feeds/unreadable` for what is not well-formed, for a document type (and so for every entity of its own), and for an encoding other than UTF-8. */
export function strictXmlParser(): SaxesParser<{ xmlns: false; position: false }> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  parser.on('error', (cause) => {
    throw feedError('feeds/unreadable', { details: { why: 'damaged' }, cause });
  });
  parser.on('doctype', () => {
    throw feedError('feeds/unreadable', { details: { why: 'document-type' } });
  });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/iu.test(encoding))
      throw feedError('feeds/unreadable', { details: { why: 'encoding' } });
  });
  return parser;
}

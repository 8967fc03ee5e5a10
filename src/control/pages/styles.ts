import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

function read(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
}

/** What pages and console share. */
export const BASE_STYLE: string = read('base.css');

/** A document's whole style, carried in the page itself: one request less before a phone on a slow line shows anything. */
export const DOCUMENT_STYLE: string = `${BASE_STYLE}${read('document.css')}`;

/** The hash by which the content security policy allows this one inline style (CSP level 3, section 6.7.2). */
export const DOCUMENT_STYLE_SOURCE: string = `'sha256-${hash('sha256', DOCUMENT_STYLE, 'base64')}'`;

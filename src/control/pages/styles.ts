import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

function read(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
}

/** The hash by which a content security policy allows one inline style or script (CSP level 3, section 6.7.2). */
export function sourceOf(text: string): string {
  return `'sha256-${hash('sha256', text, 'base64')}'`;
}

/** What pages and console share. */
export const BASE_STYLE: string = read('base.css');

/** A document's whole style, carried in the page itself: one request less before a phone on a slow line shows anything. */
export const DOCUMENT_STYLE: string = `${BASE_STYLE}${read('document.css')}`;

/** The style of pages with questions to fill in, and of agenda and comparison. */
export const ASK_STYLE: string = `${DOCUMENT_STYLE}${read('ask.css')}`;

/** The sources by which the content security policy allows these inline styles and no other. */
export const STYLE_SOURCES: string = `${sourceOf(DOCUMENT_STYLE)} ${sourceOf(ASK_STYLE)}`;

/** Saves a section as one goes; the page works without it. */
export const ASK_SCRIPT: string = read('ask-save.js');

/** What an ask file runs: it saves, signs and hands out the reply file, and speaks to nobody. */
export const ASK_FILE_SCRIPT: string = read('ask-file.js');

import { getDocumentProxy } from 'unpdf';
import { Refused } from './kind.ts';

const MAX_PAGES = 300;
const MAX_TEXT = 200_000;

/** A PDF's text. Throws Refused where pdf.js finds scripts or attachments in it, cannot read it, or it has too many pages. */
export async function pdfText(bytes: Uint8Array): Promise<{ readonly text: string; readonly pages: number }> {
  try {
    return await read(bytes);
  } catch (error) {
    if (error instanceof Refused) throw error;
    // Everything else that pdf.js throws is about the file.
    throw new Refused(error instanceof Error && error.name === 'PasswordException' ? 'encrypted' : 'broken');
  }
}

async function read(bytes: Uint8Array): Promise<{ readonly text: string; readonly pages: number }> {
  const document = await getDocumentProxy(Uint8Array.from(bytes), {
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    stopAtErrors: true,
    maxImageSize: 1,
    verbosity: 0,
  });
  if (document.numPages > MAX_PAGES) throw new Refused('too-many-pages');
  if ((await document.getJSActions()) !== null) throw new Refused('scripts');
  if (Object.keys((await document.getAttachments()) ?? {}).length > 0) throw new Refused('embedded-file');
  let text = '';
  for (let number = 1; number <= document.numPages && text.length < MAX_TEXT; number++) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    text += `${items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join(' ')}\n`;
    page.cleanup();
  }
  return { text: text.slice(0, MAX_TEXT), pages: document.numPages };
}

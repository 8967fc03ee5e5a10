// IDEX' older feed: one element a stone, attributes of two and three letters.
import type { DayRow } from './day.ts';

const escaped = (text: string): string => text.replace(/[&<>"\n\r]/gu, (char) => `&#${char.charCodeAt(0)};`);

export function idexXml(rows: readonly DayRow[]): string {
  const items = rows.map(({ stone, more }) => {
    const carat = stone.caratMilli / 1_000;
    const attributes: Readonly<Record<string, string>> = {
      id: String(700_000 + stone.id),
      sr: `S-${stone.id}`,
      cut: stone.shape,
      ct: carat.toFixed(2),
      col: stone.color === '' ? 'G' : stone.color,
      cl: stone.clarity,
      mk: stone.cut,
      lab: more['Lab'] ?? stone.lab,
      cn: more['Certificate Number'] ?? stone.certificate,
      cp: more['Certificate URL'] ?? `https://certificates.sample.example/${stone.certificate}`,
      ap: stone.perCarat.toFixed(2),
      tp: more['Total Price'] ?? (stone.perCarat * carat).toFixed(2),
      pol: stone.polish,
      sym: stone.symmetry,
      mes: `${stone.length.toFixed(2)}x${stone.width.toFixed(2)}x${stone.height.toFixed(2)}`,
      dp: '',
      tb: String(stone.tablePercent),
    };
    return `<item ${Object.entries(attributes)
      .map(([name, text]) => `${name}="${escaped(text)}"`)
      .join(' ')}/>`;
  });
  return `<?xml version="1.0"?>\n<root>${items.join('\n')}</root>\n`;
}

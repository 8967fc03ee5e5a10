// Nivoda's GraphQL service, as far as its documentation tells: signing in is a query, prices are in cents, fifty offers a page at most, and errors come with the status of success.
import { buildSchema, graphql } from 'graphql';
import { z } from 'zod';
import { type Day, type DayRow, rowsOf } from './day.ts';

const SCHEMA = buildSchema(`
  type Token { token: String! }
  type Authenticate { username_and_password(username: String!, password: String!): Token }
  input DiamondQuery { labgrown: Boolean }
  type Certificate {
    lab: String certNumber: String shape: String carats: Float color: String clarity: String cut: String polish: String symmetry: String
    floInt: String floCol: String length: Float width: Float depth: Float table: Float pdfUrl: String
  }
  type Diamond { id: ID certificate: Certificate }
  type Item { id: ID! price: Int discount: Float diamond: Diamond }
  type Page { items: [Item!]! total_count: Int }
  type Query {
    authenticate: Authenticate
    diamonds_by_query(query: DiamondQuery, offset: Int, limit: Int): Page
    diamonds_by_query_count(query: DiamondQuery): Int
  }
`);
const MOST = 50;
const asked = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() });

export function nivodaService(day: Day, account: { readonly username: string; readonly password: string }) {
  const tokens = new Set<string>();

  return async function answer(request: Request): Promise<Response> {
    const { query, variables } = asked.parse(await request.json());
    const isSignedIn = tokens.has(
      /^Bearer (.+)$/u.exec(request.headers.get('authorization') ?? '')?.[1] ?? '',
    );
    const demandSignedIn = (): void => {
      if (!isSignedIn) throw new Error('Unauthorized');
    };
    const rootValue = {
      authenticate: () => ({
        username_and_password(given: { username: string; password: string }) {
          if (given.username !== account.username || given.password !== account.password)
            throw new Error('Invalid username or password');
          const token = crypto.randomUUID();
          tokens.add(token);
          return { token };
        },
      }),
      diamonds_by_query_count() {
        demandSignedIn();
        return day.attack?.pages?.count?.(day.stones.length) ?? rowsOf(day).length;
      },
      diamonds_by_query({ offset = 0, limit = MOST }: { offset?: number; limit?: number }) {
        demandSignedIn();
        if (limit > MOST) throw new Error(`limit is ${MOST} at most`);
        const rows = rowsOf(day);
        const from = day.attack?.pages?.offset?.(offset) ?? offset;
        // Known to be wrong.
        return {
          items: rows.slice(from, from + limit).map(item),
          total_count: Math.round(rows.length * 1.7),
        };
      },
    };
    const told = await graphql({ schema: SCHEMA, source: query, rootValue, variableValues: variables ?? {} });
    const text = JSON.stringify(told);
    return new Response(day.attack?.json?.(text) ?? text, {
      headers: { 'content-type': 'application/json' },
    });
  };
}

function item({ stone }: DayRow) {
  const carats = stone.caratMilli / 1_000;
  return {
    id: `DIAMOND/${stone.id}`,
    price: Math.round(stone.perCarat * carats * 100),
    discount: stone.discount * 100,
    diamond: {
      id: `d-${stone.id}`,
      certificate: {
        lab: stone.lab,
        certNumber: stone.certificate,
        shape: stone.shape.toUpperCase(),
        carats,
        color: stone.color === '' ? 'G' : stone.color,
        clarity: stone.clarity,
        cut: stone.cut === '' ? null : stone.cut,
        polish: stone.polish,
        symmetry: stone.symmetry,
        floInt: stone.fluorescence.toUpperCase(),
        length: stone.length,
        width: stone.width,
        depth: stone.height,
        table: stone.tablePercent,
        pdfUrl: `https://certificates.sample.example/${stone.certificate}.pdf`,
      },
    },
  };
}

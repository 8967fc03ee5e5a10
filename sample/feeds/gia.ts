// GIA's report results, by its published GraphQL schema: a key in `Authorization`, a quota, results by kind of report. It knows the honest stones of the sample, whatever a feed says of them.
import { buildSchema, graphql } from 'graphql';
import { z } from 'zod';
import type { Day } from './day.ts';
import type { SampleStone } from './stones.ts';

const SCHEMA = buildSchema(`
  type Quota { remaining: Int! }
  type DiamondGradingReportResults { shape_and_cutting_style: String carat_weight: String color_grade: String clarity_grade: String }
  type LabGrownDiamondGradingReportResults { shape_and_cutting_style: String carat_weight: String color_grade: String clarity_grade: String }
  union Results = DiamondGradingReportResults | LabGrownDiamondGradingReportResults
  type Report { report_number: String! results: Results quota: Quota }
  type Query { getReport(report_number: String!): Report }
`);
const STYLES: Readonly<Record<string, string>> = {
  Round: 'Round Brilliant',
  Oval: 'Oval Brilliant',
  Pear: 'Pear Brilliant',
  Princess: 'Square Modified Brilliant',
  Emerald: 'Emerald Cut',
};
const asked = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()) });

export interface GiaService {
  /** How many reports may still be asked for. */
  quota: number;
  /** Stones whose reports are on lab-grown ones. */
  readonly grown: Set<string>;
  answer(request: Request): Promise<Response>;
}

export function giaService(day: Day, key: string): GiaService {
  const service: GiaService = {
    quota: 10_000,
    grown: new Set(),
    async answer(request) {
      if (request.headers.get('authorization') !== key) return new Response('Forbidden', { status: 403 });
      const { query, variables } = asked.parse(await request.json());
      const rootValue = {
        getReport({ report_number: number }: { report_number: string }) {
          if (service.quota <= 0) throw new Error('Report lookup quota exceeded');
          service.quota--;
          const stone = day.stones.find((one) => one.lab === 'GIA' && one.certificate === number);
          if (stone === undefined) throw new Error('Report not found');
          return {
            report_number: number,
            results: results(stone, service.grown.has(number)),
            quota: { remaining: service.quota },
          };
        },
      };
      return Response.json(
        await graphql({ schema: SCHEMA, source: query, rootValue, variableValues: variables }),
      );
    },
  };
  return service;
}

function results(stone: SampleStone, isGrown: boolean): object {
  return {
    __typename: isGrown ? 'LabGrownDiamondGradingReportResults' : 'DiamondGradingReportResults',
    shape_and_cutting_style: STYLES[stone.shape] ?? `${stone.shape} Modified Brilliant`,
    carat_weight: `${(stone.caratMilli / 1_000).toFixed(2)} carat`,
    color_grade: stone.color === '' ? 'Fancy' : stone.color,
    clarity_grade: stone.clarity,
  };
}

#!/usr/bin/env node
import { launch } from './launch.mjs';

launch('src/bin/loupe.ts', process.argv.slice(2));

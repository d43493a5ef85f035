import type { ComparisonData } from '../core/report/comparison.ts';
import type { ReportData } from '../core/report/data.ts';
import { showComparison } from './comparison/page.ts';
import { showReport } from './report.ts';

// The data stands in the page: of one sweep, or of several that are compared.

const data = JSON.parse(document.querySelector('#data')!.textContent) as ReportData | ComparisonData;
const root = document.querySelector('#page')!;
if ('comparison' in data) showComparison(root, data);
else showReport(root, data);

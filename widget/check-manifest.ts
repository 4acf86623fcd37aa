/* manifest.json: https://www.amocrm.ru/developers/content/integrations/structure, …/areas, …/fields (copies of 2026) */

const LOCATIONS = new Set(
  (
    'lcard cucard ccard comcard llist culist clist tlist settings advanced_settings card_sdk catalogs ' +
    'digital_pipeline lead_sources whatsapp_modal everywhere sms mobile_card amoforms salesbot_designer'
  ).split(' '),
);

/** Without them there are neither settings nor sources of the integration's own. */
const NEEDED = ['settings', 'lead_sources'];

const FIELDS = new Set(['text', 'pass', 'users', 'users_lp', 'custom']);

const LANGUAGES = new Set(['ru', 'en', 'es', 'pt']);

type Tree = Readonly<Record<string, unknown>>;

export interface ManifestNames {
  /** Ways into the words of each language. */
  readonly words: readonly string[];
  readonly languages: readonly string[];
  /** By their paths in the archive. */
  readonly tour: readonly string[];
}

/** Says what it names, and adds what is wrong with it. */
export function checkManifest(manifest: unknown, problems: string[]): ManifestNames {
  const wrong = (what: string) => void problems.push(`manifest.json: ${what}`);
  const root = treeOf(manifest);
  const widget = treeOf(root['widget']);
  const words: string[] = [];
  const aWord = (tree: Tree, key: string, path: string) => {
    const value = tree[key];
    if (typeof value === 'string' && /^\w+(\.\w+)+$/.test(value)) words.push(value);
    else wrong(`${path} is a way into i18n, such as widget.name`);
  };

  for (const key of ['name', 'description', 'short_description'])
    aWord(widget, key, `widget.${key}`);
  if (!/^\d+\.\d+\.\d+$/.test(String(widget['version']))) wrong('widget.version is such as 1.0.0');
  if (widget['interface_version'] !== 2) wrong('widget.interface_version is 2');
  for (const key of ['init_once', 'installation']) {
    if (typeof widget[key] !== 'boolean') wrong(`widget.${key} is true or false`);
  }
  const support = treeOf(widget['support']);
  const isReachable =
    /^https:\/\/\S+$/.test(String(support['link'])) ||
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(String(support['email']));
  if (!isReachable) wrong('widget.support has a link (https) or an email');
  const languages = textsOf(widget['locale']);
  if (languages.length === 0) wrong('widget.locale lists the languages');
  for (const one of languages) if (!LANGUAGES.has(one)) wrong(`widget.locale: no ${one}`);

  const locations = textsOf(root['locations']);
  for (const one of locations) {
    if (!LOCATIONS.has(one.replace(/-[01]$/, ''))) wrong(`locations: amoCRM has no ${one}`);
  }
  for (const one of NEEDED) if (!locations.includes(one)) wrong(`locations: ${one} is missing`);

  const settings = Object.entries(treeOf(root['settings']));
  if (settings.length === 0) wrong('settings is missing');
  for (const [code, field] of settings) {
    const tree = treeOf(field);
    aWord(tree, 'name', `settings.${code}.name`);
    if (!FIELDS.has(String(tree['type']))) wrong(`settings.${code}.type is one amoCRM has`);
    if (typeof tree['required'] !== 'boolean') wrong(`settings.${code}.required is true or false`);
  }
  if (settings.filter(([, field]) => treeOf(field)['type'] === 'custom').length > 1) {
    wrong('settings: one custom field at most');
  }

  const tour = treeOf(root['tour']);
  if (tour['is_tour'] !== true) wrong('tour.is_tour is true');
  aWord(tour, 'tour_description', 'tour.tour_description');
  const pictures = treeOf(tour['tour_images']);
  for (const one of languages) {
    if (textsOf(pictures[one]).length === 0) wrong(`tour.tour_images.${one} lists pictures`);
  }
  const paths = Object.values(pictures).flatMap(textsOf);
  for (const one of paths) {
    if (!one.startsWith('/images/')) wrong(`tour.tour_images: ${one} begins with /images/`);
  }
  return { words, languages, tour: paths.map((path) => path.slice(1)) };
}

function treeOf(value: unknown): Tree {
  return typeof value === 'object' && value !== null ? (value as Tree) : {};
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

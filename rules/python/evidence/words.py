

# ---- Words that are spelled right, though one or two letters away from other words that are.
# Who writes one of them did not slip: `form` is not a misspelt `from`. Fact list: short English and
# programmers' words that have a neighbour. No names of products or people.

KNOWN = set("""
able abort about absent accept accepted accepts access accessed accessor account accurate achieve aclose across action activate active acts adapt
adapted added adding addition address adept adjust admin admit adopt advice advise affect affects after again against agent ages ahead aliased aligned
alive allclose allow allows almost alone along alter always among amount analyse analysis analyze analyzed analyzer ancestor anchor angel angle
anymore anyway apart appear appears append appended appends arange archive aren argmax argmin args argument arith around arrays arrow asarray asked
assert asserts assign assigned async asyncio atexit atomic attach attname attrib audit author authors avoid await back backed backend backends backing
bake baker band bank bark barn based bases basic basics basis batch bath bathe beach bear beard beat because become becomes before begins behave
behavior behind belong below best beta better beyond bill bills binding binds bins black blank block blocked blocking blocks blood board bodies bold
bone bonk book bools border born bother bottom bound bounded bounds brace braces bracket brackets branch branches brand bread break breath breathe
brick bride bridge broad broken build building builds built builtin builtins bunch burn button buyer buyers byte bytes cable cached caches caching
callable callback called callee calling calls calm camel canal cancel cannot capture card care carry cart carve case cased cases casing cast casted
casting casts casual catch catches catching cats causal cause caused causes causing cells center central certain chained chaining chance change
changed changes changing channel char chars charset chart checked checks child chile choice choose chosen chunked chunks circle cities city claim clam
class classes classic clause clauses clean cleaned cleaning cleanup clear cleared clearing clears click client clients clock clone close closed closes
closest closing closure cloth clothe coast coats code codec codecs coded codes coding coerce coerced cold collapse collect colon color colors cols
column columns combine combined comes coming command commands commas comment comments commit common compact compare compared compares compat compile
compiled compiler compiles complete complex compose composed compound compress compute computed computes concat cone config configs confirm conform
confused connect consider consists console const constant consume consumed cont contact contain content contents context contexts contract contrast
contrib control convert converts cookies cool coords copied copies copying cord core corner corp correct corrupt cost costs costume could couldn count
counted counter country counts county couple course cover covered covers cpython crash crashes crave cream created creating criteria crop cross ctype
ctypes curdir current cursor custom customer customs cycles cyclic cython daemon dairy dark darwin data date dates datetime deal dealer dealing dear
decide decision declare declared decode decoded decoder dedent defer deferred define defined defines degree delattr delayed delegate delete deleted
deletes deleting deletion delitem demand denied dense depend derive derived desert design designed desired desk dessert detach detail detailed details
detect detected detects device devise dialect dialog diary differ differs digest digits dime dinner direct directly dirname discount disjoint disk
dispatch dist distance distinct divide division divmod does doesn doing domain dome done double draw drawing dream drink drive driven driver dropna
drops dtype dtypes dues dumps dunder dups during each eager eagerly earlier early easier easily east eastern edit editing effect effects effort either
elapsed elder email emails emits emitted emitting enable encoded encoding endian ending ends engine engines ensure ensuring enter entered entering
entire entities entity entries enums envelop envelope equality etree europe even event events ever every example exceed exceeded exceeds except
exclude excluded executed exist existent existing exists exit exited exiting exits expand expanded expect expected expects expend expire expired
expires export exported exports expose exposed exposes express extend extended extends extract extras facing factor fail failed failing fails failure
fairly fake fallback falling falls family farm faster fastpath fate favor fear feature features feed fetching fetchone fever fewer ffill field fields
fight figure file filename fileno files fill filled filling fillna fills filter filters final finally find findall finder finding finditer finds
finish finite fire firm fiscal five fixed fixer fixes fixing fixture fixtures flake flat float floats flock flood floor floordiv flower flush fname
fold folded folder folding follow font foobar food fool foot footer forced forces ford foreign forever forget fork form format formats formed former
found fraction frame frames freed freeze from front frozen fsencode fspath fullname func funcname funcs function future futures gate gather gencodec
gender general generate generic geometry getattr getcwd getenv getframe getitem getpid getstate getter gettext getting gift give given gives giving
global globals goes going gold grade grained grammar grand grant granted greater green groupby grouped grouper grouping groups guide handle handled
handler handles handling hang happen happens hashable hashed hashes hashing have haven having head header headers heading heat height heights held
helper helpers hence here hidden higher highest hill hints hire hist hits hold holder holding hole hooks host hosts html human humane idea ident
identify identity impact import imported improved income incoming indent indented index indexed indexer indexers indexes indices inexact infect infer
inferred infers infinite infinity info infos inherit inherits inject inline inner input inputs insert inserted inserts inside inspect inst install
instance integer integers integral intended intent interact internal interp interval inverse invert invoice invoices invoke invoked invokes invoking
involve involved ipython isclass isfile isfinite isin isinf islice isna isnan items iter iterable iterate iterated json jsonl just keyboard keyword
king know known knows label labels lack lacks lair lambda lambdas land lands lane larger largest last latch late later latest latex lath lathe latter
launch layer lazily lead leader leading leads leaked leaks lean least leaves leaving left legacy legend lend lender lent lesser letter letters level
levels lever lexers liar life lift light like likes lime limit limited limits line linear lineno lines linesep link linked links list listed listen
listing little live ljust load loaded loader loaders loading loads loan local locale localize locally locals locate located lock locked locks locs
logged logger logging logic logical login long longer longest look looked looking looks lookup lookups loops loose lose loses lost lots lover lower
lowest lstrip luck lumber lunch machine macro macros made magics mail main mainly make maker makes making male manage managed manager manner manually
mapped mapper mapping march margin marital mark marked marker markers marks markup martial mask masked masks master match matched matcher matches
matching mate math matmul matrix matter matters maximum maxlen mean meaning means meant meat media median medium member memory merged merging meta
method micro middle might mild mile mill mime minimal minimum minute minutes mirror missing mixed mixin mixing mixins mkdtemp mkstemp mobile mode
model models modern modes modify module modules modulo mole moment monday monkey moral morale mostly mount moves moving mtime mult multi multiple
mutable mutate mutually mypy mysql naive name names naming narrow native natural nbytes near nearest needed needing negate negative neither nested
nesting never newer next night node nodes none normal north nose notation note notes notice notify nrows number nunique offset offsets older omitted
ones open opened opener opening operand operands operate operates optional oracle orange order orders ordinal ordinary origin original other others
outcome outer outfile outside over overall overhead overlap overlaps overload override pack packed padded padding paid pain pale panel params paren
parens parent parents park parse parsed parser parsers parses parsing part parts passed passes passing password patch patched path pathsep pause payer
payload peach peak pending people percent period permit persist person personal phase phone phones phrase picked pickle pickled pieces pile pill place
placed places plain plan plane plant plate player please plotting plugin point pointer pointers pointing points pole policy pool popen populate port
portion portions position positive post postgres power pprint precise prefer prefix prefixes preload prepend presence present preserve pressed prevent
prevents price prices pride primary prime print printed printing prints prison privacy private prize problem proceed process produce produced produces
product products profile programs progress project projects promote prompt prompts proper properly property props protect provide provided provides
proxied proxies public publish purely purpose pyarrow pylint python quality quantile quantity quiet quit quite quote quoted quotes quoting race raise
raised raises raising rand randint random range ranges rank rate rates rather rating ratio reach read readable reader readers reading readinto
readline reads real really realpath reap reason receive received receives recent record recorded records recount recover recurse reduce reduced
reduces refcount refer referred refers reflect refresh regex regexp region register registry reindex reject rejected rejects related relation relative
release released reliable relies religion reload relpath rely relying remain remains remote removal remove removed removes removing rename renamed
render rendered renders reorder repeat repeated repeats replaced report reported reports reqs reraise reserved reset resets reshape resize resolve
resolved resolver resolves respect response rest restart restore restype result results resume retailer retain retained retains retries retrieve
return returned returns retval reuse reused reveal reverse reversed revert rewind rewrite rfind ride right ring rise risk rjust road robust rode role
roles rolling rose rotate round rounded rounding rounds route router routine routines rowcount rows rsplit rstrip rtype rtypes rule rules runner
running sacred safely safety salary sale sales sample samples sand sanity saver saving scalar scalars scale scaling scared schema schemas scheme
schemes scope scoped scopes scream screen script scripts search season seat second seconds secret section sections secure security seed seekable
select seller sellers send sender sending sends sense sent sequence serial series server servers serves service serving session sessions setattr
setitem setstate setter setting settings sever severe shadow shall shallow shape shapes share shared shares sharing sheer sheet shell shift shipped
shipping shirt short shortcut shorter should shouldn show shower showing shown shows shutil sibling side sides sift sight sign signal signals signed
silence silent silver similar simple simpler simplify simply sing single site sites size sizeof sizes skipif skipna skipped skipping slash slashes
slate slice sliced slices slicing sliver slots slower small smaller smallest smart socket sockets soft sold sole song sore sort sorted sorter sorting
sorts source south spaces spacing span spans spare sparse spatial spawn speak spear special specific specify specs speech speed spelling spend spender
spent spilt split splits spurious sqlite sqltypes square ssize stable stack stacked staff stage staged stale stall standard star start started
starting starts startup stat state states static stats status stay stays stdin stdlib steam steps stock stocks stopped stops storage store stored
stores storing stream street strftime strict stride strides string strings strip stripped strips strong strptime struct stubs stuff style styles
subdir subject submit subset subtype subtypes succeed succeeds success suitable suite supplied supply support supposed survive swapped symbol symbolic
symbols sync system table tables tagged tagname tail take taken taker takes taking tale tank target task tasks taxes teach team tells tempdir tempfile
tender terminal terms test testcase tested tester testing tests text texts thanks theme theory there these thing things think those though thread
threaded threads three through throw thrown throws tick ticket ticks tide tile tiles till timber time timed timeout timer times timing tired title
titles tmpdir toggle token tokens told tone tool tools total totals tower trace tracing track tracked tracker tracking tracks trade trail trailer
trailing trait transfer treat treated treating treats tree trial trick tricks tricky tried tries trigger trimmed trip triple trivial truck truediv
trunk trusted truthy trying ttype tune tuples turn turned type types typing ufunc ufuncs uint ulong unable unbound unclosed under unequal unions
unique unit unite united unless unlike unlink unnamed unpack unpacked unpaid unsafe unsigned untie untied until unused unusual updating upload
urlparse urlsplit usable users ushort util validate validity value valued values variable variance variant variants varies various vars vector vendor
verify very view virtual visual vocal void vote votes wait waiting waits wanted wants warning watch wchar weak weather week weight weights welcome
were west whale whatever whenever where whereas whether while white whole whose wide widget widgets width widths wild wind window wing winner wire
wise with within word words work worked worker working works world worn worry would wouldn writable write writer writes writing written wrote year
yield yields zone
""".split())

"""The columns that relate a candidate to a job, computed from the texts of both.

A model of ML Lab whose preprocessor.json has `relations` has these columns behind those of the
candidate and of the job. This is their definition a second time, with numpy and scipy alone: sums
run in the same order as in the Rust code, so the values are the same to the last bit and no row
falls on the other side of a split.

A relation that does not apply is NaN: missing, not zero.
"""

import re

import numpy as np
from scipy import sparse

# --- Words ---------------------------------------------------------------------------------------

LETTERS = {"a": "àáâãäåª", "c": "ç", "e": "èéêë", "i": "ìíîï", "n": "ñ", "o": "òóôõöº", "u": "ùúûü", "y": "ý"}
WITHOUT_ACCENT = {
    accented: plain for plain, all_of in LETTERS.items() for accented in all_of + all_of.upper()
} | {"ÿ": "y"}

# What Unicode calls White_Space; Python's \s has four control characters more.
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
DOT_NET = re.compile(rf"(?<![^{SPACE}])\.(?=[nN][eE][tT](?![^\W_]))")
SIGNED = re.compile(r"[^ #+][^ +]*|\+\++")
NO_SPACE = re.compile(rf"[^{SPACE}]+")


class Folding(dict):
    """For str.translate: letters and digits in lower case without accents, all else a space.

    The signs of C# and C++ stay, for `words_of` to judge.
    """

    def __missing__(self, code):
        char = chr(code)
        if char in WITHOUT_ACCENT:
            folded = WITHOUT_ACCENT[char]
        elif char.isalnum():
            folded = char.lower()[0]
        else:
            folded = char if char in "#+" else " "
        self[code] = folded
        return folded


FOLDING = Folding()


def words_of(text):
    """The folded words of a text; `C#`, `C++` and `.NET` are csharp, cpp and dotnet."""
    if "." in text:
        text = DOT_NET.sub("dot", text)
    text = text.translate(FOLDING)
    if "#" not in text and "+" not in text:
        return text.split()
    words = []
    for token in SIGNED.findall(text):
        if token[0] != "+":
            words.append(token.replace("#", "sharp"))
        elif words and "a" <= words[-1][-1] <= "z":
            words[-1] += "pp" * (len(token) - 1)
    return words


def folded(value):
    """A value as it stands in a list: its words with a space between."""
    return " ".join(words_of(value))


def lines_of(text):
    """The lines of a text, which end in LF or CR LF."""
    return [line.removesuffix("\r") for line in text.split("\n")]


# --- Terms ---------------------------------------------------------------------------------------

# A term is at most this many neighbouring words, written together: `Spring Boot` is springboot.
LONGEST = 4


class Terms:
    """The terms that jobs ask for, by number."""

    def __init__(self, terms):
        self.numbers = {term: number for number, term in enumerate(terms)}

    def of(self, words):
        """The numbers of the terms among words, each once."""
        found = set()
        for at in range(len(words)):
            term = ""
            for word in words[at : at + LONGEST]:
                term += word
                if term in self.numbers:
                    found.add(self.numbers[term])
        return found

    def listed(self, text):
        """The numbers of the terms that are items of the lists of a text."""
        found = set()
        for line in lines_of(text):
            # Less the heading.
            line = line.partition(":")[2] if ":" in line else line
            if any(sign in line for sign in ",;/|") or len(NO_SPACE.findall(line)) <= 3:
                for item in re.split("[,;|•·]", line):
                    words = words_of(item)
                    if len(words) <= LONGEST:
                        found.add(self.numbers.get("".join(words)))
        return found - {None}


# --- Levels --------------------------------------------------------------------------------------


def levels(*names):
    """The level of each word, from `level: word word`."""
    return {word: level for level, words in names for word in words.split()}


SENIORITY = levels(
    (0, "estagiario estagiaria aprendiz intern"),
    (1, "trainee"),
    (3, "junior jr"),
    (5, "pleno pl mid semisenior"),
    (6, "senior sr"),
    (7, "especialista specialist"),
    (8, "lider supervisor supervisora coordenador coordenadora coordinator coordinador coordinadora"),
    (9, "gerente"),
    (10, "diretor diretora"),
)
# A rank only where none of the above stands: an analista sênior is senior.
POSTS = levels(
    (1, "auxiliar"), (2, "assistente assistant asistente"), (3, "tecnico"), (4, "analista analyst")
)
FLUENCY = levels(
    (0, "nenhum none ninguno"),
    (1, "basico basic tecnico"),
    (2, "intermediario intermediate intermedio"),
    (3, "avancado advanced avanzado"),
    (4, "fluente fluent fluido nativo native"),
)
DEGREES = levels(
    (0, "fundamental"),
    (2, "medio"),
    (4, "tecnico"),
    (6, "superior graduacao"),
    (9, "pos especializacao mba"),
    (11, "mestrado"),
    (13, "doutorado"),
)
BEGUN = {"incompleto", "cursando", "andamento"}
LANGUAGES = {
    "ingles": "english", "english": "english", "inglesa": "english",
    "espanhol": "spanish", "spanish": "spanish", "espanol": "spanish",
}  # fmt: skip


def first_level(names, words):
    return next((names[word] for word in words if word in names), None)


def first_known(*values):
    return next((value for value in values if value is not None), None)


def professional(words):
    """The rank that a title names: of several the last, of seniority first."""
    backwards = words[::-1]
    return first_known(first_level(SENIORITY, backwards), first_level(POSTS, backwards))


def professional_in_cv(lines):
    """The first rank in the head of a CV, prose left out."""
    for line in lines[:12]:
        words = words_of(line)
        level = professional(words) if len(words) <= 8 else None
        if level is not None:
            return level
    return None


def academic(words):
    """How far a degree has come."""
    degree = first_level(DEGREES, words)
    if degree is None:
        return None
    return max(degree - 1, 0) if BEGUN.intersection(words) else degree


def fluency_in_cv(words):
    """The levels of the languages that a CV names: `inglês: avançado`."""
    found = {}
    for at, word in enumerate(words):
        if word not in LANGUAGES:
            continue
        for near in words[at + 1 : at + 4]:
            if near in LANGUAGES:
                break
            if near in FLUENCY:
                found.setdefault(LANGUAGES[word], FLUENCY[near])
                break
    return found


# --- Places --------------------------------------------------------------------------------------

STATES = (
    "acre ac|alagoas al|amapa ap|amazonas am|bahia ba|ceara ce|distrito federal df|espirito santo es|"
    "goias go|maranhao ma|mato grosso mt|mato grosso do sul ms|minas gerais mg|para pa|paraiba pb|"
    "parana pr|pernambuco pe|piaui pi|rio de janeiro rj|rio grande do norte rn|rio grande do sul rs|"
    "rondonia ro|roraima rr|santa catarina sc|sao paulo sp|sergipe se|tocantins to"
)
# The letters of a state, by them and by its name.
STATE = {}
for state in STATES.split("|"):
    name, letters = state.rsplit(" ", 1)
    STATE[name] = STATE[letters] = letters


class Cities:
    """The cities of jobs: those that can be the same."""

    def __init__(self, names):
        self.names = set(names)

    def known(self, name):
        return name if name in self.names else None

    def of_job(self, city, state):
        """City and state from a job's two columns."""
        return self.known(folded(city)), STATE.get(folded(state))

    def read(self, text):
        """City and state from `City, State` and the like: of two of one name the first is the city."""
        state = None
        parts = [folded(part) for part in re.split("[/,–|():-]", text)]
        for at, part in enumerate(parts):
            if part in self.names:
                behind = parts[at + 1] if at + 1 < len(parts) else ""
                return part, STATE.get(behind, state)
            state = state or STATE.get(part)
        return None, state

    def of_person(self, column, lines):
        """City and state of the column; from the head of the CV what it does not say."""
        city, state = self.read(column)
        if city:
            return city, state
        for line in lines[:15]:
            if len(line.encode()) <= 120:
                in_cv, state_in_cv = self.read(line)
                if in_cv:
                    return in_cv, state or state_in_cv
        return None, state


# --- The two sides -------------------------------------------------------------------------------

PEOPLE_COLUMNS = [
    "cv_candidato", "titulo_profissional", "conhecimentos_tecnicos", "certificacoes",
    "outras_certificacoes", "area_atuacao", "nivel_profissional", "nivel_academico", "ingles",
    "espanhol", "cidade",
]  # fmt: skip
JOBS_COLUMNS = [
    "titulo_vaga", "competencia_tecnicas_e_comportamentais", "principais_atividades",
    "areas_atuacao_vaga", "nivel_profissional_vaga", "nivel_academico_vaga", "nivel_ingles_vaga",
    "nivel_espanhol_vaga", "cidade_vaga", "estado_vaga",
]  # fmt: skip
# Columns of the feature store that relations read.
COLUMNS = {"people": PEOPLE_COLUMNS, "jobs": [*JOBS_COLUMNS, "tipo_contratacao", "data_requicisao"]}
APPLICATIONS = ["codigo", "codigo_vaga", "data_candidatura", "situacao_candidato"]


def read_person(terms, cities, row):
    """What is read of a candidate, by name; `row` has PEOPLE_COLUMNS."""
    cv, title, known, certified, also, area, level, degree, english, spanish, city = row
    lines, cv_words, title_words = lines_of(cv), words_of(cv), words_of(title)
    person = {
        "cv": terms.of(cv_words),
        "title": terms.of(title_words),
        "skills": set().union(*(terms.of(words_of(text)) for text in (known, certified, also))),
        "areas": terms.of(words_of(area)),
        "level": first_known(
            professional(words_of(level)), professional(title_words), professional_in_cv(lines)
        ),
        "academic": academic(words_of(degree)),
    }
    person["all"] = person["cv"] | person["title"] | person["skills"]
    in_cv = fluency_in_cv(cv_words)
    for language, value in (("english", english), ("spanish", spanish)):
        said = first_level(FLUENCY, words_of(value))
        person[language] = first_known(said, in_cv.get(language))
    person["city"], person["state"] = cities.of_person(city, lines)
    return person


def read_job(terms, cities, row):
    """What is read of a job, by name; `row` has JOBS_COLUMNS."""
    title, competences, activities, area, level, degree, english, spanish, city, state = row
    title_words = words_of(title)
    job = {
        "title": terms.of(title_words),
        "competences": terms.of(words_of(competences)),
        "activities": terms.of(words_of(activities)),
        "areas": terms.of(words_of(area)),
        "requirements": terms.listed(competences) or terms.listed(activities),
        "level": first_known(professional(words_of(level)), professional(title_words)),
        "academic": academic(words_of(degree)),
        "english": first_level(FLUENCY, words_of(english)),
        "spanish": first_level(FLUENCY, words_of(spanish)),
    }
    job["all"] = job["title"] | job["competences"] | job["activities"]
    job["city"], job["state"] = cities.of_job(city, state)
    return job


class Side:
    """What was read of some candidates or jobs, with the row of each pair."""

    def __init__(self, records, rows, terms):
        self.records, self.rows, self.terms = records, rows, terms

    def sets(self, name):
        """A row of ones a pair, at the terms that are there, ascending."""
        found = [sorted(record[name]) for record in self.records]
        ends = np.cumsum([0, *map(len, found)])
        numbers = np.fromiter((number for row in found for number in row), int, ends[-1])
        ones = np.ones(len(numbers))
        return sparse.csr_matrix((ones, numbers, ends), (len(found), self.terms))[self.rows]

    def levels(self, name):
        """A number a pair; NaN where it is not known."""
        found = [np.nan if record[name] is None else record[name] for record in self.records]
        return np.array(found, dtype=float)[self.rows]

    def places(self, name):
        return np.array([record[name] for record in self.records], dtype=object)[self.rows]


# --- The relations -------------------------------------------------------------------------------


def count(sets):
    return np.diff(sets.indptr).astype(float)


class Relations:
    """The fitted relations of a preprocessor.json."""

    def __init__(self, fitted):
        vocabulary = fitted["vocabulary"]
        self.terms, self.cities = Terms(vocabulary["terms"]), Cities(vocabulary["cities"])
        self.idf, self.had, self.asked = (np.array(fitted[name]) for name in ("idf", "had", "asked"))

    def side(self, table, rows, columns, read):
        """Reads those rows of a table that are wanted, each once."""
        wanted, place = np.unique(rows, return_inverse=True)
        values = table[columns].iloc[wanted].fillna("").itertuples(index=False)
        records = [read(self.terms, self.cities, row) for row in values]
        return Side(records, place, len(self.idf))

    def cosine(self, a, b):
        """TF-IDF cosine of sets of terms; NaN where one is empty (0 / 0)."""
        square = self.idf * self.idf
        return a.multiply(b).tocsr() @ square / np.sqrt((a @ square) * (b @ square))

    def share(self, wanted, there):
        """The share of what is wanted, by IDF, that is there; NaN where nothing is wanted."""
        return wanted.multiply(there).tocsr() @ self.idf / (wanted @ self.idf)

    def columns(self, people, jobs, rows, moments):
        """The columns of pairs by their names, a value a pair.

        `rows` are the pairs' rows in the tables `people` and `jobs`, `moments` the columns that
        History and Outcomes give.
        """
        person = self.side(people, rows["people"], PEOPLE_COLUMNS, read_person)
        job = self.side(jobs, rows["jobs"], JOBS_COLUMNS, read_job)
        has = {name: person.sets(name) for name in ("cv", "title", "skills", "areas", "all")}
        asks = {
            name: job.sets(name)
            for name in ("title", "competences", "activities", "areas", "requirements", "all")
        }
        wanted = asks["requirements"]
        with np.errstate(invalid="ignore", divide="ignore"):
            requirements = self.share(wanted, has["all"])
            # What a candidate of the training part has of them on average.
            weights = wanted.copy()
            weights.data = (self.idf * self.had)[wanted.indices]
            weights.data /= np.repeat(wanted @ self.idf, np.diff(wanted.indptr))
            by_others = weights @ np.ones(len(self.idf))
            # What the candidate has on average of what jobs require.
            elsewhere = has["all"] @ self.asked
            listed = count(wanted) > 0
            named = count(wanted.multiply(has["all"]).tocsr())
            found = {
                "cv_competences": self.cosine(has["cv"], asks["competences"]),
                "cv_activities": self.cosine(has["cv"], asks["activities"]),
                "cv_title": self.cosine(has["cv"], asks["title"]),
                "titles": self.cosine(has["title"], asks["title"]),
                "skills_competences": self.cosine(has["skills"], asks["competences"]),
                "areas": self.cosine(has["areas"], asks["areas"]),
                "requirements": requirements,
                "requirements_above_others": requirements - by_others,
                "requirements_above_own": requirements - by_others - elsewhere,
                "requirements_elsewhere": elsewhere,
                "requirements_named": np.where(listed, named, np.nan),
                "requirements_missing": np.where(listed, count(wanted) - named, np.nan),
                "job_covered": self.share(asks["all"], has["all"]),
                "candidate_covered": self.share(has["all"], asks["all"]),
                "shared_terms": count(asks["all"].multiply(has["all"]).tocsr()),
            }
        for name in ("level", "academic", "english", "spanish"):
            found[name] = person.levels(name) - job.levels(name)
        for name in ("city", "state"):
            mine, theirs = person.places(name), job.places(name)
            known = (mine != None) & (theirs != None)  # noqa: E711, an element each
            found[name] = np.where(known, mine == theirs, np.nan)
        found |= moments
        return {f"relation={name}": values.astype(np.float32) for name, values in found.items()}


# --- History -------------------------------------------------------------------------------------


def days(column):
    """Days since 1970-01-01, NaN where there is none."""
    dates = column.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(dates), np.nan, dates.astype(np.int64))


class History:
    """When applications were made: what was known when a candidate applied for a job."""

    def __init__(self, candidates, jobs):
        applied = candidates[["codigo", "codigo_vaga"]].assign(day=days(candidates["data_candidatura"]))
        self.day = applied.set_index(["codigo", "codigo_vaga"])["day"]
        self.past = {
            key: {id_: np.sort(of_one) for id_, of_one in applied.dropna().groupby(key)["day"]}
            for key in ("codigo", "codigo_vaga")
        }
        self.opened = dict(zip(jobs["codigo_vaga"], days(jobs["data_requicisao"])))
        # A pair that is no application is scored on the day of the last one.
        self.last = applied["day"].max()

    def days(self, pairs):
        """The day of each pair's application; of a pair that is none, that of the last one."""
        known = self.day.index.get_indexer(pairs[["codigo", "codigo_vaga"]])
        return np.where(known < 0, self.last, self.day.to_numpy()[known])

    def moments(self, pairs):
        """Of each pair the age of the job in days, and how many applications there were before to
        the job and of the candidate: on days strictly before."""
        ids = pairs[["codigo", "codigo_vaga"]]
        day = self.days(pairs)

        def before(key):
            past = self.past[key]
            counts = [np.searchsorted(past.get(id_, []), at) for id_, at in zip(ids[key], day)]
            return np.where(np.isnan(day), np.nan, counts)

        opened = ids["codigo_vaga"].map(self.opened).to_numpy()
        return {
            "job_age": day - opened,
            "queue": before("codigo_vaga"),
            "returning": before("codigo"),
        }


POSITIVE = {"Aprovado", "Contratado pela Decision", "Encaminhar Proposta", "Proposta Aceita"}
# Neither a match nor a refusal.
OTHER = {
    "Contratado como Hunting", "Documentação PJ", "Documentação CLT", "Documentação Cooperado", "Outro",
}  # fmt: skip
# The outcome of an application is taken as known after so many days.
MATURE_DAYS = 90
# The mean counts as so many applications.
PRIOR_APPLICATIONS = 10.0


def words_alone(text):
    """The words of a text without digits and signs, in lower case."""
    return " ".join("".join(c if c.isalpha() else " " for c in text.lower()).split()) or None


class Outcomes:
    """What became of earlier applications to jobs of the same title, type of contract, client,
    requester and recruiter."""

    def __init__(self, candidates, jobs, groups):
        codes = jobs["codigo_vaga"]
        self.groups = {
            "title": dict(zip(codes, jobs["titulo_vaga"].fillna("").map(words_alone))),
            "contract": dict(zip(codes, jobs["tipo_contratacao"].fillna("").map(words_alone))),
        }
        parties = {
            "client": "cliente",
            "requester": "solicitante_cliente",
            "analyst": "analista_responsavel",
        }
        for name, table in parties.items():
            of_party = groups[groups["tabela"] == table]
            self.groups[name] = dict(zip(of_party["codigo"], of_party["grupo"]))
        settled = candidates[~candidates["situacao_candidato"].isin(OTHER)]
        settled = settled.assign(
            day=days(settled["data_candidatura"]),
            matched=settled["situacao_candidato"].isin(POSITIVE),
        )
        self.settled = settled.dropna(subset=["day"]).sort_values("day", kind="stable")

    @staticmethod
    def known(applications, day):
        """Applications that were old enough on each day, and the matches among them."""
        n = np.searchsorted(applications["day"].to_numpy(), day - MATURE_DAYS, side="right")
        return n, np.concatenate([[0], np.cumsum(applications["matched"].to_numpy())])[n]

    def rates(self, pairs, day):
        """Of each pair the share of matches, shrunk to the mean; NaN where nothing is known."""
        n, matches = self.known(self.settled, day)
        mean = matches / np.maximum(n, 1)
        found = {}
        for name, groups in self.groups.items():
            group = pairs["codigo_vaga"].map(groups)
            earlier = dict(tuple(self.settled.groupby(self.settled["codigo_vaga"].map(groups))))
            rate = np.full(len(pairs), np.nan)
            for of_group, rows in pairs.groupby(group.to_numpy()).indices.items():
                if of_group in earlier:
                    n, matches = self.known(earlier[of_group], day[rows])
                    of_rows = (matches + PRIOR_APPLICATIONS * mean[rows]) / (n + PRIOR_APPLICATIONS)
                    rate[rows] = np.where(n > 0, of_rows, np.nan)
            found[f"{name}_outcomes"] = np.where(np.isnan(day), np.nan, rate)
        return found

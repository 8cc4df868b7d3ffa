"""Makes classic.json: what scikit-learn 1.6's ColumnTransformer gives on generated applications.

    python classic.py > classic.json          (scikit-learn 1.6.1, stop-words, pandas)

The columns and sizes are those of preset `classic` with smaller vocabularies, so that `max_features`
cuts; a candidate is held out as `split = "candidate"` says. Ties of max_features are cut
alphabetically, by a stable sort, for scikit-learn's own differs from one processor to the next.
"""
import hashlib, json, random, sys
import numpy as np, pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.preprocessing import OneHotEncoder
from stop_words import get_stop_words

ONE_HOT = ["sexo", "estado_civil", "pcd", "vaga_especifica_para_pcd", "pais_vaga", "nivel_academico", "tipo_contratacao", "cidade", "cidade_vaga", "nivel_profissional", "nivel_profissional_vaga", "ingles", "espanhol", "outros_idiomas", "nivel_ingles_vaga", "nivel_espanhol_vaga"]
TFIDF = {"titulo_profissional": 6, "conhecimentos_tecnicos": 8, "certificacoes": 5, "outras_certificacoes": 5, "area_atuacao": 6, "areas_atuacao_vaga": 6, "competencia_tecnicas_e_comportamentais": 12, "cv_candidato": 25}
POSITIVE = ["Aprovado", "Contratado pela Decision"]

r = random.Random(7)
words = ("Java python SQL oracle SAP abap S/4HANA .net C# c++ gestão projetos análise de dados e o para com segurança "
         "rede Linux windows server suporte técnico implantação migração AWS azure docker the and of team experience "
         "ação coração ÁGIL scrum kanban inglês espanhol liderança vendas fiscal contábil teste qualidade 2021 10 x").split()
text = lambda n: " ".join(r.choices(words, k=r.randint(1, n))) + r.choice(["", ".", " \n•\tok", " – fim"])
maybe = lambda p, f: f() if r.random() < p else None
level = lambda: r.choice(["Básico", "Intermediário", "Avançado", "Fluente", "Nenhum"])
city = lambda: r.choice(["São Paulo, São Paulo", "Rio de Janeiro", "Águas <de> [Lindóia]", "Curitiba", "100% remoto"])
people = [{"codigo": str(9 * i + 3), "sexo": maybe(.4, lambda: r.choice(["Feminino", "Masculino"])), "estado_civil": maybe(.3, lambda: r.choice(["Solteiro", "Casado"])),
           "pcd": maybe(.3, lambda: r.choice(["Sim", "Não"])), "cidade": maybe(.5, city), "titulo_profissional": maybe(.5, lambda: text(4)),
           "area_atuacao": maybe(.5, lambda: text(3)), "conhecimentos_tecnicos": maybe(.4, lambda: text(12)), "certificacoes": maybe(.2, lambda: text(3)),
           "outras_certificacoes": maybe(.2, lambda: text(3)), "nivel_profissional": maybe(.2, lambda: r.choice(["Júnior", "Sênior"])),
           "nivel_academico": maybe(.5, lambda: r.choice(["Superior", "Pós"])), "ingles": maybe(.5, level), "espanhol": maybe(.4, level),
           "outros_idiomas": maybe(.1, lambda: "Francês - Básico"), "cv_candidato": maybe(.95, lambda: text(60))} for i in range(40)]
jobs = [{"codigo_vaga": str(1000 + 7 * i), "tipo_contratacao": r.choice(["CLT Full", "PJ/Autônomo, CLT Full"]), "pais_vaga": "Brasil", "cidade_vaga": maybe(.9, city),
         "vaga_especifica_para_pcd": maybe(.5, lambda: "Não"), "nivel_profissional_vaga": r.choice(["Júnior", "Sênior", "Pleno"]),
         "nivel_ingles_vaga": level(), "nivel_espanhol_vaga": maybe(.7, level), "areas_atuacao_vaga": maybe(.9, lambda: text(3)),
         "competencia_tecnicas_e_comportamentais": maybe(.9, lambda: text(30))} for _, i in enumerate(range(14))]
pairs = sorted({(r.choice(people)["codigo"], r.choice(jobs)["codigo_vaga"]) for _ in range(90)})
applications = [{"codigo": p, "codigo_vaga": j, "situacao_candidato": r.choice(["Prospect", "Aprovado", "Desistiu", "Contratado pela Decision", None])} for p, j in pairs]

class Stable(TfidfVectorizer):
    def _limit_features(self, X, vocabulary, high=None, low=None, limit=None):
        if limit is None or X.shape[1] <= limit: return X
        keep = np.sort(np.argsort(-np.asarray(X.sum(axis=0)).ravel(), kind="stable")[:limit])
        new = {int(o): i for i, o in enumerate(keep)}
        for t, o in list(vocabulary.items()):
            if o in new: vocabulary[t] = new[o]
            else: del vocabulary[t]
        return X[:, keep]

df = pd.DataFrame(applications).merge(pd.DataFrame(people), on="codigo").merge(pd.DataFrame(jobs), on="codigo_vaga").fillna("").sort_values(["codigo", "codigo_vaga"])
held = df.codigo.map(lambda c: hashlib.sha256(c.encode()).digest()[0] < 51).values
stop = sorted(set(get_stop_words("portuguese")) | set(ENGLISH_STOP_WORDS))
pre = ColumnTransformer([("cat", OneHotEncoder(handle_unknown="ignore"), ONE_HOT)] + [(c, Stable(max_features=n, stop_words=stop), c) for c, n in TFIDF.items()], sparse_threshold=1.0)
matrix = {"train": pre.fit_transform(df[~held]).tocsr(), "test": pre.transform(df[held]).tocsr()}
names = [f"{c}={v}" for c, vs in zip(ONE_HOT, pre.named_transformers_["cat"].categories_) for v in vs]
names += [f"{c}={t}" for c in TFIDF for t in pre.named_transformers_[c].get_feature_names_out()]
def csr(m):
    m.sort_indices()
    return [[[int(j), float(v)] for j, v in zip(m.indices[a:b], m.data[a:b])] for a, b in zip(m.indptr, m.indptr[1:])]
out = {"config": {"preset": "classic", "split": "candidate", "positive": POSITIVE, "one_hot": ONE_HOT, "tfidf": [{"column": c, "max_features": n} for c, n in TFIDF.items()]},
       "people": people, "jobs": jobs, "applications": applications, "names": names,
       "labels": {k: df.situacao_candidato.isin(POSITIVE)[m].tolist() for k, m in [("train", ~held), ("test", held)]},
       "rows": {k: csr(m) for k, m in matrix.items()}}
json.dump(out, sys.stdout, ensure_ascii=False, separators=(",", ":"))

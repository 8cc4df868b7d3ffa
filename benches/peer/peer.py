"""The peer: the Python system's pipeline as its own README describes it, on its own Python libraries.

Each stage is run as its own process so that time and peak memory are its own:
  python peer.py ingest|features|matching|annoy|drift|embed RAW OUT [options]
Written from that description: parameters, columns, artefact names.
"""
import sys, json, time, os, resource
t0 = time.time()
stage, raw, out = sys.argv[1:4]; os.makedirs(out, exist_ok=True)
CAT = ["sexo","estado_civil","pcd","vaga_especifica_para_pcd","pais_vaga","nivel_academico","tipo_contratacao","cidade","cidade_vaga","nivel_profissional","nivel_profissional_vaga","ingles","espanhol","outros_idiomas","nivel_ingles_vaga","nivel_espanhol_vaga"]
TXT = {"titulo_profissional":20,"conhecimentos_tecnicos":20,"certificacoes":50,"outras_certificacoes":50,"area_atuacao":50,"areas_atuacao_vaga":20,"competencia_tecnicas_e_comportamentais":50,"cv_candidato":100}
POS = ["Aprovado","Contratado pela Decision","Encaminhar Proposta","Proposta Aceita"]
def features():
    import pandas as pd
    L = lambda n: json.load(open(f"{raw}/{n}.json", encoding="utf-8"))
    A, V, P = L("applicants"), L("vagas"), L("prospects")
    ap = pd.DataFrame([{"codigo": k, "sexo": (p:=(r.get("informacoes_pessoais") or {})).get("sexo"), "estado_civil": p.get("estado_civil"), "pcd": p.get("pcd"), "cidade": (r.get("infos_basicas") or {}).get("local"), "titulo_profissional": (q:=(r.get("informacoes_profissionais") or {})).get("titulo_profissional"), "area_atuacao": q.get("area_atuacao"), "conhecimentos_tecnicos": q.get("conhecimentos_tecnicos"), "certificacoes": q.get("certificacoes"), "outras_certificacoes": q.get("outras_certificacoes"), "remuneracao": q.get("remuneracao"), "nivel_profissional": q.get("nivel_profissional"), "nivel_academico": (f:=(r.get("formacao_e_idiomas") or {})).get("nivel_academico"), "ingles": f.get("nivel_ingles"), "espanhol": f.get("nivel_espanhol"), "outros_idiomas": f.get("outro_idioma"), "cv_candidato": r.get("cv_pt")} for k, r in A.items()])
    vg = pd.DataFrame([{"codigo_vaga": k, "titulo_vaga": (b:=(r.get("informacoes_basicas") or {})).get("titulo_vaga"), "tipo_contratacao": b.get("tipo_contratacao"), "prazo_contratacao": b.get("prazo_contratacao"), "prioridade_vaga": b.get("prioridade_vaga"), "pais_vaga": (p:=(r.get("perfil_vaga") or {})).get("pais"), "estado_vaga": p.get("estado"), "cidade_vaga": p.get("cidade"), "vaga_especifica_para_pcd": p.get("vaga_especifica_para_pcd"), "nivel_profissional_vaga": p.get("nivel profissional"), "nivel_academico_vaga": p.get("nivel_academico"), "nivel_ingles_vaga": p.get("nivel_ingles"), "nivel_espanhol_vaga": p.get("nivel_espanhol"), "outros_idiomas_vaga": p.get("outro_idioma"), "areas_atuacao_vaga": p.get("areas_atuacao"), "competencia_tecnicas_e_comportamentais": p.get("competencia_tecnicas_e_comportamentais"), "principais_atividades": p.get("principais_atividades")} for k, r in V.items()])
    pr = pd.DataFrame([{"codigo_vaga": k, "codigo": p.get("codigo"), "situacao_candidato": p.get("situacao_candidado"), "data_candidatura": p.get("data_candidatura")} for k, r in P.items() for p in (r.get("prospects") or [])])
    df = pr.merge(ap, on="codigo").merge(vg, on="codigo_vaga").fillna("")
    df.to_parquet(f"{out}/candidates.parquet", index=False); return {"rows": len(df)}
def load():
    import pandas as pd
    return pd.read_parquet(f"{out}/candidates.parquet")
def stop():
    from stop_words import get_stop_words
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    return sorted(set(get_stop_words("portuguese")) | set(ENGLISH_STOP_WORDS))
def tfidf(**kw):
    """TfidfVectorizer whose max_features cuts ties alphabetically: scikit-learn's own argsort breaks them differently from one processor to the next"""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    class Stable(TfidfVectorizer):
        def _limit_features(self, X, vocabulary, high=None, low=None, limit=None):
            if limit is None or X.shape[1] <= limit: return X
            keep = np.sort(np.argsort(-np.asarray(X.sum(axis=0)).ravel(), kind="stable")[:limit]); new = {int(o): i for i, o in enumerate(keep)}
            for t, o in list(vocabulary.items()):
                if o in new: vocabulary[t] = new[o]
                else: del vocabulary[t]
            return X[:, keep]
    return Stable(**kw)
def matching():
    import numpy as np, warnings; warnings.filterwarnings("ignore")
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder
    from sklearn.model_selection import train_test_split
    from sklearn.metrics import roc_auc_score, average_precision_score, log_loss
    from xgboost import XGBClassifier
    df = load(); y = df.situacao_candidato.isin(POS).astype(int)
    pre = ColumnTransformer([("cat", OneHotEncoder(handle_unknown="ignore"), CAT)] + [(c, tfidf(max_features=n, stop_words=stop()), c) for c, n in TXT.items()])
    if "--by-candidate" in sys.argv:
        import hashlib
        held = df.codigo.map(lambda c: hashlib.sha256(c.encode()).digest()[0] < 51).values; tr, te = np.flatnonzero(~held), np.flatnonzero(held)
    else:
        tr, te = train_test_split(np.arange(len(df)), test_size=.2, stratify=y, random_state=42)
    X, Xt, yt, yv = df.iloc[tr], df.iloc[te], y.values[tr], y.values[te]
    t = time.time(); A = pre.fit_transform(X); B = pre.transform(Xt); t1 = time.time()
    m = XGBClassifier(learning_rate=.1, max_depth=7, n_estimators=300, random_state=42, n_jobs=-1, eval_metric="logloss", scale_pos_weight=float((yt==0).sum()/(yt==1).sum())).fit(A, yt); t2 = time.time()
    p = m.predict_proba(B)[:,1]; m.save_model(f"{out}/model.json")
    df.iloc[te][["codigo", "codigo_vaga"]].assign(label=yv, probability=p).to_parquet(f"{out}/predictions.parquet", index=False)
    return {"cols": A.shape[1], "vectorise_s": round(t1-t,2), "train_s": round(t2-t1,2), "auc": round(roc_auc_score(yv,p),4), "pr_auc": round(average_precision_score(yv,p),4), "logloss": round(log_loss(yv,p),4)}
def drift():
    import numpy as np
    from alibi_detect.cd import KSDrift
    import pandas as pd
    cur, base = load(), pd.read_parquet(sys.argv[4])
    ours = ["estado", "faixa_etaria"]  # its own table has none of these, which are for our audit alone
    j = lambda d: d.drop(columns=ours, errors="ignore").astype(str).agg(" ".join, axis=1)
    v = tfidf(max_features=1000, stop_words=stop()); t=time.time(); b = v.fit_transform(j(base)).toarray(); c = v.transform(j(cur)).toarray(); t1=time.time()
    ks = KSDrift(b, p_val=.05).predict(c)["data"]; t2=time.time()
    def psi(x, y, n=10):
        lo, hi = min(x.min(), y.min()), max(x.max(), y.max()); bins = np.linspace(lo, hi, n+1) if hi > lo else np.array([lo, hi+1e-4])
        p, q = np.histogram(x, bins)[0]/len(x), np.histogram(y, bins)[0]/len(y); p[p==0]=1e-4; q[q==0]=1e-4
        return float(((q-p)*np.log(q/p)).sum())
    per = [psi(b[:,i], c[:,i]) for i in range(b.shape[1])]; g = psi(b.ravel(), c.ravel())
    json.dump({"is_drift": int(ks["is_drift"]), "threshold": float(ks["threshold"]), "p_val": list(map(float, ks["p_val"])), "distance": list(map(float, ks["distance"])), "psi": per, "global_psi": g, "terms": list(v.get_feature_names_out())}, open(f"{out}/drift.json","w"))
    return {"is_drift": int(ks["is_drift"]), "global_psi": round(g,6), "tfidf_s": round(t1-t,2), "ks_s": round(t2-t1,2), "psi_s": round(time.time()-t2,2)}
def annoy():
    import numpy as np
    from annoy import AnnoyIndex
    v = np.load(sys.argv[4]); t = time.time(); ix = AnnoyIndex(v.shape[1], "angular")
    for i, e in enumerate(v): ix.add_item(i, e)
    ix.set_seed(42); ix.build(10); ix.save(f"{out}/annoy_index.ann"); return {"n": len(v), "build_s": round(time.time()-t,2)}
def embed():
    import numpy as np, torch
    from sentence_transformers import SentenceTransformer
    m = SentenceTransformer(sys.argv[4], device="cpu"); t = json.load(open(raw, encoding="utf-8")); m.encode(t[:32])
    t1 = time.time(); e = m.encode(t, batch_size=32); d = time.time()-t1; np.save(f"{out}/embeddings.npy", e)
    return {"texts": len(t), "encode_s": round(d,2), "texts_per_s": round(len(t)/d,1), "torch_threads": torch.get_num_threads()}
r = globals()[stage]()
print(json.dumps({"stage": stage, "wall_s": round(time.time()-t0,2), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024, **r}))

"""One peer at work, in its own environment: index, search, and write down what it took.

    python worker.py PEER JOB.json RESULT.json

Nothing of this project is imported here: the environment holds the peer alone. Passages are given
as "headline\\npassage", as this project's model sees them; each peer is used as its documentation
begins, with the model, the threads and the depth of the job.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

DEPTH = 10
CLIENTS = 8
# Passages given to the model at once.
BATCH = 32

Search = Callable[[str], list[int]]
"""The numbers of the best passages for a question, best first."""


class Transformer:
    """The model of the job, in sentence-transformers."""

    def __init__(self, job: dict[str, Any]) -> None:
        """Open it on as many threads as the job allows."""
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(job["threads"])
        self._model = SentenceTransformer(job["model"], device="cpu", local_files_only=True)

    def vectors(self, texts: Sequence[str]) -> Any:
        """Unit vectors, (n, d) float32."""
        return self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )

    def tokens(self, texts: Sequence[str]) -> list[Any]:
        """Unit vectors of the tokens of each text, (t, d) tensors, special tokens left out."""
        from torch.nn.functional import normalize

        found = self._model.encode(
            list(texts),
            batch_size=BATCH,
            output_value="token_embeddings",
            show_progress_bar=False,
        )
        return [normalize(each[1:-1].float(), dim=-1) for each in found]


def exact(job: dict[str, Any]) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """sentence-transformers, and every vector compared in NumPy."""
    model = Transformer(job)

    def index(texts: list[str]) -> Search:
        matrix = model.vectors(texts)
        np.save(Path(job["folder"], "vectors.npy"), matrix)

        def search(question: str) -> list[int]:
            scores = matrix @ model.vectors([question])[0]
            best = np.argpartition(-scores, DEPTH)[:DEPTH]
            return [int(each) for each in best[np.argsort(-scores[best])]]

        return search

    return index, ("sentence-transformers", "torch", "numpy")


def txtai(
    job: dict[str, Any], hybrid: bool = False
) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """Its vectors and ids; with the texts beside them it cannot be asked by several threads."""
    import torch
    from txtai import Embeddings

    torch.set_num_threads(job["threads"])
    embeddings = Embeddings(path=job["model"], hybrid=hybrid, gpu=False)

    def index(texts: list[str]) -> Search:
        embeddings.index((number, text, None) for number, text in enumerate(texts))
        embeddings.save(job["folder"])
        return lambda question: [int(number) for number, _ in embeddings.search(question, DEPTH)]

    return index, ("txtai", "faiss-cpu", "transformers", "torch")


def txtai_hybrid(job: dict[str, Any]) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """The same, with its BM25 beside the vectors."""
    return txtai(job, hybrid=True)


def lancedb(
    job: dict[str, Any], hybrid: bool = False
) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """A table of texts and vectors; every vector is compared, as it does without an index."""
    import lancedb as lance

    model = Transformer(job)
    database = lance.connect(job["folder"])

    def index(texts: list[str]) -> Search:
        rows = [
            {"number": number, "text": text, "vector": vector}
            for number, (text, vector) in enumerate(zip(texts, model.vectors(texts), strict=True))
        ]
        table = database.create_table("passages", rows)
        if hybrid:
            table.create_fts_index("text", replace=True)

        def search(question: str) -> list[int]:
            vector = model.vectors([question])[0]
            if hybrid:
                query = table.search(query_type="hybrid").vector(vector).text(_words(question))
            else:
                query = table.search(vector).distance_type("dot")
            found = query.select(["number"]).limit(DEPTH).to_arrow()
            return [int(each) for each in found["number"].to_pylist()]

        return search

    return index, ("lancedb", "sentence-transformers", "torch")


def lancedb_hybrid(job: dict[str, Any]) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """The same, with its full-text index, joined by reciprocal ranks."""
    return lancedb(job, hybrid=True)


def chroma(job: dict[str, Any]) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """A collection on disk, searched by its graph."""
    import chromadb

    model = Transformer(job)
    client = chromadb.PersistentClient(job["folder"], chromadb.Settings(anonymized_telemetry=False))

    def index(texts: list[str]) -> Search:
        collection = client.create_collection(
            "passages", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        vectors, most = model.vectors(texts), client.get_max_batch_size()
        for start in range(0, len(texts), most):
            numbers = range(len(texts))[start : start + most]
            collection.add(
                ids=[str(number) for number in numbers],
                documents=texts[start : start + most],
                embeddings=vectors[start : start + most],
            )

        def search(question: str) -> list[int]:
            found = collection.query(
                query_embeddings=model.vectors([question]), n_results=DEPTH, include=[]
            )
            return [int(each) for each in found["ids"][0]]

        return search

    return index, ("chromadb", "sentence-transformers", "torch")


def bm25s(job: dict[str, Any]) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """BM25 without a model, stemmed, stop words left out."""
    import bm25s as library
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def words(texts: list[str]) -> Any:
        return library.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    def index(texts: list[str]) -> Search:
        retriever = library.BM25()
        retriever.index(words(texts), show_progress=False)
        retriever.save(job["folder"])

        def search(question: str) -> list[int]:
            found, _ = retriever.retrieve(words([question]), k=DEPTH, show_progress=False)
            return [int(each) for each in found[0]]

        return search

    return index, ("bm25s", "PyStemmer", "numpy")


def fast_plaid(job: dict[str, Any]) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """Late interaction on the token vectors of the model, in PLAID's residual codes of 4 bits."""
    import torch
    from fast_plaid.search import FastPlaid

    model = Transformer(job)
    plaid = FastPlaid(index=job["folder"], device="cpu")

    def index(texts: list[str]) -> Search:
        plaid.create(documents_embeddings=model.tokens(texts))

        def search(question: str) -> list[int]:
            found = plaid.search(torch.stack(model.tokens([question])), top_k=DEPTH)
            return [int(number) for number, _ in found[0]]

        return search

    return index, ("fast-plaid", "sentence-transformers", "torch")


def pylate(job: dict[str, Any]) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """Late interaction by PyLate's ColBERT on the same weights, its projection the identity."""
    import torch
    from pylate import indexes, models, retrieve
    from sentence_transformers.models import Transformer as Layers

    torch.set_num_threads(job["threads"])
    layers = Layers(job["model"])
    width = layers.get_word_embedding_dimension()
    identity = models.Dense(width, width, bias=False)
    identity.linear.weight.data = torch.eye(width)
    model = models.ColBERT(
        modules=[layers, identity],
        device="cpu",
        query_length=64,
        document_length=256,
        do_query_expansion=False,
    )

    def index(texts: list[str]) -> Search:
        store = indexes.PLAID(job["folder"], index_name="passages", override=True, device="cpu")
        vectors = model.encode(texts, batch_size=BATCH, is_query=False, show_progress_bar=False)
        names = [str(number) for number in range(len(texts))]
        store.add_documents(documents_ids=names, documents_embeddings=vectors)
        retriever = retrieve.ColBERT(index=store)

        def search(question: str) -> list[int]:
            asked = model.encode([question], is_query=True, show_progress_bar=False)
            return [
                int(each["id"]) for each in retriever.retrieve(queries_embeddings=asked, k=DEPTH)[0]
            ]

        return search

    return index, ("pylate", "fast-plaid", "sentence-transformers", "torch")


def pyserini(job: dict[str, Any]) -> tuple[Callable[[list[str]], Search], tuple[str, ...]]:
    """Lucene's BM25 without a model, in Anserini's English analyzer."""

    def index(texts: list[str]) -> Search:
        folder = Path(job["folder"])
        given = folder.with_name(folder.name + "-given")
        given.mkdir()
        with Path(given, "passages.jsonl").open("w", encoding="utf-8") as stream:
            for number, text in enumerate(texts):
                stream.write(json.dumps({"id": str(number), "contents": text}) + "\n")
        command = [sys.executable, "-m", "pyserini.index.lucene", "-collection", "JsonCollection"]
        command += ["-generator", "DefaultLuceneDocumentGenerator", "-input", str(given)]
        command += ["-threads", str(job["threads"]), "-index", str(folder), "-storeRaw"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        from pyserini.search.lucene import LuceneSearcher

        searcher = LuceneSearcher(str(folder))
        return lambda question: [int(each.docid) for each in searcher.search(question, k=DEPTH)]

    return index, ("pyserini", "pyjnius")


def _words(question: str) -> str:
    """A question without signs that a query language may take for operators."""
    return "".join(letter if letter.isalnum() else " " for letter in question)


PEERS = {
    each.__name__.replace("_", "-"): each
    for each in (
        *(exact, txtai, txtai_hybrid, lancedb, lancedb_hybrid),
        *(chroma, bm25s, fast_plaid, pylate, pyserini),
    )
}


def main(name: str, job_file: str, result_file: str) -> None:
    """Measure one peer."""
    job = json.loads(Path(job_file).read_text("utf-8"))
    texts = [json.loads(line) for line in Path(job["passages"]).read_text("utf-8").splitlines()]
    index, packages = PEERS[name](job)
    started = time.perf_counter()
    search = index(texts)
    seconds = time.perf_counter() - started
    for question in job["warm_up"]:
        search(question)
    took = []
    for question in job["one"]:
        begun = time.perf_counter()
        search(question)
        took.append((time.perf_counter() - begun) * 1e3)
    with ThreadPoolExecutor(CLIENTS) as pool:
        begun = time.perf_counter()
        list(pool.map(search, job["many"]))
        rate = len(job["many"]) / (time.perf_counter() - begun)
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    memory = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    files = (file for file in Path(job["folder"]).rglob("*") if file.is_file())
    result = {
        "versions": {package: version(package) for package in packages},
        "index_seconds": seconds,
        "disk": sum(file.stat().st_size for file in files),
        "memory": memory,
        "milliseconds": took,
        "rate": rate,
        "ranked": {each["id"]: search(each["text"]) for each in job["judged"]},
    }
    Path(result_file).write_text(json.dumps(result), "utf-8")


# Started as a file, by this project; it is no program of its own.
if __package__ is None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    main(*sys.argv[1:])

"""Corpora for linking: adverts of invented people in any number, with the truth beside them."""

from demo.corpus.making import Corpus, corpus, read_truth, stream, write_corpus
from demo.corpus.shares import Shares

__all__ = ["Corpus", "Shares", "corpus", "read_truth", "stream", "write_corpus"]

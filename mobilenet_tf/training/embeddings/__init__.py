"""Embeddings as a task of the training loop: a teacher's vectors, or ArcFace; recall@1, the cosine to the teacher."""

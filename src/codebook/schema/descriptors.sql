-- Word groups of descriptors that stand in public texts, too, or in our own: they tell nothing of CPT.
CREATE TABLE descriptor_public (hash INTEGER PRIMARY KEY);

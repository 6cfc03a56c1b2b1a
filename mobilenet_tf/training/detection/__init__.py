"""Detection as a task of the training loop: views of photos with their boxes, anchors matched, losses, mAP."""
